import { copyFile, cp, readFile, utimes, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { GenerationReport, LoadReport } from "../../lib/engine/backend.js";
import { estimateMemory } from "../../lib/engine/memory.js";
import type { GeneratedImage, GenerationJob, LoadRequest } from "../../lib/engine/protocol.js";
import { openModel } from "../../lib/models/open-model.js";
import type { LiveModel } from "../../lib/pipeline/live-model.js";
import { findRoom } from "../../lib/pipeline/loaded-models.js";
import { ModelSession } from "../../lib/pipeline/model-session.js";
import { job, loadRequest } from "../engine/fakes.js";
import { MINIATURES, ORACLES } from "../oracles/read-oracle.js";
import { writeBrokenCheckpoint } from "../support/broken-checkpoint.js";
import { temporaryFolder } from "../support/temporary-folder.js";

const EXPORTED = path.join(ORACLES, "onnx-folder", "optimum");
const folder = await temporaryFolder();
const FIRST = path.join(MINIATURES, "speck");
const SECOND = path.join(folder, "second");
await cp(FIRST, SECOND, { recursive: true });
await writeSchedule(SECOND, { prediction_type: "v_prediction" });
const UNET_KEY = "model.diffusion_model.time_embed.0.weight";

let session: ModelSession;
let notices: string[];
/** Sessions that earlier tests left behind. */
let foreign: number;
/** Sessions that existed when each stage of a load began. */
let sessionsAt: Record<string, number>;

beforeEach(() => {
  session = new ModelSession();
  foreign = session.status().sessions;
  notices = [];
  sessionsAt = {};
});

afterEach(() => {
  delete process.env.DREAM_AVAILABLE_MEMORY;
});

function openedSessions(): number {
  return session.status().sessions - foreign;
}

function report(): LoadReport & GenerationReport {
  return {
    signal: new AbortController().signal,
    notice: (text) => notices.push(text),
    stage: (name) => {
      sessionsAt[name] = openedSessions();
    },
    step: () => {},
    previewEvery: 0,
  };
}

async function load(request: Partial<LoadRequest> & { readonly path: string }) {
  sessionsAt = {};
  return session.load({ ...loadRequest(request.path), memory: "fast", ...request }, report());
}

async function make(overrides: Partial<GenerationJob> = {}): Promise<GeneratedImage> {
  return (await session.generate(job(overrides), report())).image;
}

function loadedPaths(): string[] {
  return session.status().models.map((model) => path.basename(model.path));
}

describe("one model at a time", () => {
  test("the present one is released before the next is built", async () => {
    await load({ path: FIRST });
    const before = openedSessions();
    await load({ path: SECOND });
    expect(before).toBeGreaterThan(0);
    expect(sessionsAt.files).toBe(before);
    expect(sessionsAt["text encoder"]).toBe(0);
    expect(loadedPaths()).toEqual(["second"]);
    expect(notices).toEqual([]);
  });

  test.each([
    ["a missing tensor", "weights/missing-key", (): Promise<string> => writeBrokenCheckpoint(folder, "missing", (t) => delete t[UNET_KEY])],
    [
      "a tensor of another shape",
      "weights/shape",
      () =>
        writeBrokenCheckpoint(folder, "shape", (tensors) => {
          tensors[UNET_KEY] = { dtype: "F16", shape: [3, 3] };
        }),
    ],
    ["a path without a model", "model/not-found", async () => path.join(folder, "nowhere")],
  ])("%s is refused before the present model is released", async (_, code, write) => {
    await load({ path: FIRST });
    const picture = await make();
    const before = session.status();
    await expect(load({ path: await write() })).rejects.toMatchObject({ code });
    expect(Object.keys(sessionsAt)).not.toContain("text encoder");
    expect(session.status()).toEqual(before);
    expect(await make()).toEqual(picture);
  });

  test("a model that memory is too small for is refused before the present one is released", async () => {
    await load({ path: FIRST });
    const picture = await make();
    const before = session.status();
    process.env.DREAM_AVAILABLE_MEMORY = "1";
    await expect(load({ path: await writeHugeModel() })).rejects.toMatchObject({ code: "memory/predicted" });
    expect(session.status()).toEqual(before);
    expect(await make()).toEqual(picture);
  });

  test("the present one is built again when the next fails while its networks are built", async () => {
    await load({ path: FIRST });
    const picture = await make();
    const before = session.status();
    const broken = path.join(folder, "broken-export");
    await cp(EXPORTED, broken, { recursive: true });
    await copyFile(path.join(EXPORTED, "model_index.json"), path.join(broken, "unet", "model.onnx"));
    await expect(load({ path: broken })).rejects.toMatchObject({ code: "model/not-a-model" });
    expect(sessionsAt["text encoder"]).toBe(0);
    expect(session.status().models).toEqual(before.models);
    expect(openedSessions()).toBeGreaterThan(0);
    expect(await make()).toEqual(picture);
  });
});

describe("several models", () => {
  test("one that stayed loaded comes back at once, and draws what it drew", async () => {
    await load({ path: FIRST, keep: 2 });
    const picture = await make();
    await load({ path: SECOND, keep: 2 });
    expect(loadedPaths()).toEqual(["speck", "second"]);
    expect(await make()).not.toEqual(picture);
    const back = await load({ path: FIRST, keep: 2 });
    expect(back).toMatchObject({ path: FIRST, fromMemory: true, width: 64, height: 64, memoryMode: "fast", notices: [] });
    expect(back.hash).toMatch(/^[0-9a-f]{64}$/);
    expect(sessionsAt).toEqual({});
    expect(loadedPaths()).toEqual(["second", "speck"]);
    expect(session.status().models.map(({ active }) => active)).toEqual([false, true]);
    expect(await make()).toEqual(picture);
  });

  test("the least recently used one goes when there are too many, and it is said", async () => {
    await load({ path: FIRST, keep: 2 });
    await load({ path: SECOND, keep: 2 });
    await load({ path: FIRST, keep: 2 });
    expect((await load({ path: EXPORTED, keep: 2 })).fromMemory).toBe(false);
    expect(loadedPaths()).toEqual(["speck", "optimum"]);
    expect(notices).toEqual(["Cache limit (max=2) reached. Purging second"]);
  });

  test("a smaller limit lets the others go when it is first told", async () => {
    await load({ path: FIRST, keep: 2 });
    await load({ path: SECOND, keep: 2 });
    const both = openedSessions();
    await load({ path: FIRST, keep: 1 });
    expect(loadedPaths()).toEqual(["speck"]);
    expect(openedSessions()).toBeLessThan(both);
  });

  test("one whose files have changed is read again", async () => {
    const copy = path.join(folder, "copy");
    await cp(SECOND, copy, { recursive: true });
    await load({ path: copy, keep: 3 });
    await load({ path: FIRST, keep: 3 });
    await utimes(path.join(copy, "unet", "diffusion_pytorch_model-00001-of-00002.safetensors"), new Date(), new Date(0));
    expect((await load({ path: copy, keep: 3 })).fromMemory).toBe(false);
    expect(loadedPaths()).toEqual(["speck", "copy"]);
  });

  test("one that is asked for otherwise is another model", async () => {
    await load({ path: FIRST, keep: 2 });
    expect(await load({ path: FIRST, keep: 2, memory: "lean" })).toMatchObject({ fromMemory: false, memoryMode: "lean" });
    expect(session.status().models.map(({ memoryMode }) => memoryMode)).toEqual(["fast", "lean"]);
  });

  test("they stay when the next cannot be loaded", async () => {
    await load({ path: FIRST, keep: 2 });
    const picture = await make();
    const before = session.status();
    await expect(load({ path: path.join(folder, "nowhere"), keep: 2 })).rejects.toMatchObject({ code: "model/not-found" });
    expect(session.status()).toEqual(before);
    expect(await make()).toEqual(picture);
  });

  test("a picture that needs other networks replaces those of the active model alone", async () => {
    await load({ path: FIRST, keep: 2 });
    await load({ path: SECOND, keep: 2 });
    await make({ seamless: "x" });
    expect(loadedPaths()).toEqual(["speck", "second"]);
    expect((await load({ path: FIRST, keep: 2 })).fromMemory).toBe(true);
  });
});

describe("room", () => {
  /** Models of which only the memory matters. */
  const small = { heldBytes: 0 } as LiveModel;
  const large = { heldBytes: 1e15 } as LiveModel;
  const size = { width: 64, height: 64 };

  test.each([
    ["is there beside models that fit", [small, small], 2],
    ["is made by the least recently used one", [large, small], 1],
    ["is made by as many as it takes", [small, large], 0],
  ])("%s", async (_, candidates, staying) => {
    const model = await openModel(FIRST);
    // Just enough: what the staying models leave of it decides.
    process.env.DREAM_AVAILABLE_MEMORY = String(estimateMemory(model, size, "fast"));
    const room = await findRoom(model, size, "fast", candidates);
    expect(room).toEqual({ mode: "fast", staying: candidates.slice(candidates.length - staying) });
  });

  test("that all of them together could not make is refused", async () => {
    process.env.DREAM_AVAILABLE_MEMORY = "1";
    const huge = findRoom(await openModel(FIRST), { width: 8192, height: 8192 }, "auto", [small, large]);
    await expect(huge).rejects.toMatchObject({ code: "memory/predicted" });
  });
});

/** A model whose own picture size needs more memory than any machine has. */
async function writeHugeModel(): Promise<string> {
  const huge = path.join(folder, "huge");
  await cp(FIRST, huge, { recursive: true });
  const file = path.join(huge, "unet", "config.json");
  await writeFile(file, JSON.stringify({ ...JSON.parse(await readFile(file, "utf8")), sample_size: 512 }));
  return huge;
}

/** Changes how the model's noise is spread: the same weights draw other pictures. */
async function writeSchedule(model: string, changes: Readonly<Record<string, unknown>>): Promise<void> {
  const file = path.join(model, "scheduler", "scheduler_config.json");
  await writeFile(file, JSON.stringify({ ...JSON.parse(await readFile(file, "utf8")), ...changes }));
}
