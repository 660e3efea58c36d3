import path from "node:path";
import { afterEach, describe, expect, test } from "@jest/globals";
import type { GenerationReport, LoadReport } from "../../lib/engine/backend.js";
import type { GeneratedImage, GenerationJob } from "../../lib/engine/protocol.js";
import { openSessions } from "../../lib/onnx/open-sessions.js";
import { ModelSession } from "../../lib/pipeline/model-session.js";
import { job, loadRequest } from "../engine/fakes.js";
import { MINIATURES, ORACLES } from "../oracles/read-oracle.js";

const SD1 = path.join(MINIATURES, "sd1");

afterEach(() => {
  delete process.env.DREAM_AVAILABLE_MEMORY;
});

function quiet(signal = new AbortController().signal): LoadReport & GenerationReport {
  return { signal, notice: () => {}, stage: () => {}, step: () => {}, previewEvery: 0 };
}

async function make(session: ModelSession, overrides: Partial<GenerationJob> = {}): Promise<GeneratedImage> {
  return (await session.generate(job(overrides), quiet())).image;
}

/** Largest difference of two pictures, in 1/255. */
function difference(a: GeneratedImage, b: GeneratedImage): number {
  return a.rgb.reduce((worst, value, i) => Math.max(worst, Math.abs(value - b.rgb[i]!)), 0);
}

describe("a loaded model", () => {
  const session = new ModelSession();

  test("tells what it is and the stages of loading", async () => {
    const stages: string[] = [];
    const model = await session.load(loadRequest(SD1), { ...quiet(), stage: (name) => stages.push(name) });
    expect(stages).toEqual(["files", "text encoder", "unet"]);
    expect(model).toMatchObject({
      path: SD1,
      family: "SD 1.x",
      layout: "diffusers",
      width: 64,
      height: 64,
      memoryMode: "fast",
      notices: [],
    });
    expect(model.hash).toMatch(/^[0-9a-f]{64}$/);
  });

  test("makes the same picture for the same job and another for another", async () => {
    const first = await make(session);
    expect([first.width, first.height, first.rgb.length]).toEqual([64, 64, 64 * 64 * 3]);
    expect(await make(session)).toEqual(first);
    for (const other of [
      { seed: 43 },
      { variations: [{ seed: 43, weight: 0.3 }] },
      { prompt: "a dog" },
      { prompt: "a cat [blue]" },
      { sampler: "ddim" },
      { cfgScale: 1 },
      { rng: "cuda" as const },
      { karras: true },
    ]) {
      expect(await make(session, other)).not.toEqual(first);
    }
  });

  test("tells every step with the previews asked for, and that a prompt was cut", async () => {
    const steps: string[] = [];
    const notices: string[] = [];
    await session.generate(job({ prompt: "cat ".repeat(100), steps: 4, width: 128 }), {
      ...quiet(),
      previewEvery: 2,
      notice: (text) => notices.push(text),
      step: (step, total, preview) => steps.push(`${step}/${total}${preview ? ` ${preview.width}×${preview.height}` : ""}`),
    });
    expect(steps).toEqual(["1/4 16×8", "2/4", "3/4 16×8", "4/4 16×8"]);
    expect(notices).toEqual([expect.stringMatching(/^The prompt is \d+ token\(s\) too long/)]);
  });

  test("reads the prompt as asked and tells its tokens", async () => {
    const usual = await make(session, { prompt: "cat ".repeat(100) });
    expect(await make(session, { prompt: "cat ".repeat(100), longPrompts: true })).not.toEqual(usual);
    expect(await make(session, { prompt: "(cat)1.3 ".repeat(20) })).not.toEqual(await make(session, { prompt: "cat ".repeat(20) }));
    expect(await make(session, { clipSkip: 1 })).not.toEqual(await make(session));
    const logs: unknown[] = [];
    await session.generate(job({ logTokens: true }), { ...quiet(), tokens: (log) => logs.push(log) });
    await session.generate(job(), { ...quiet(), tokens: (log) => logs.push(log) });
    expect(logs).toEqual([
      {
        prompt: "a cat",
        negative: "",
        texts: [{ label: "", tokens: expect.any(Array), discarded: [] }],
      },
    ]);
  });

  test("makes pictures that tile, then ordinary ones again", async () => {
    const ordinary = await make(session);
    expect(await make(session, { seamless: "xy" })).not.toEqual(ordinary);
    expect(await make(session)).toEqual(ordinary);
  });

  test("stops between two steps when cancelled", async () => {
    const abort = new AbortController();
    let steps = 0;
    const report = { ...quiet(abort.signal), step: () => void (++steps === 2 && abort.abort()) };
    await expect(session.generate(job({ steps: 50 }), report)).rejects.toMatchObject({ name: "AbortError" });
    expect(steps).toBe(2);
  });

  test.each([
    [{ width: 100 }, "usage/size"],
    [{ height: 0 }, "usage/size"],
    [{ sampler: "k_nothing" }, "usage/sampler"],
    [{ steps: 0 }, "usage/steps"],
  ])("refuses %j", async (overrides, code) => {
    await expect(make(session, overrides)).rejects.toMatchObject({ code });
  });

  test("stays when another cannot be loaded", async () => {
    await expect(session.load(loadRequest(path.join(MINIATURES, "nowhere")), quiet())).rejects.toMatchObject({ code: "model/not-found" });
    const abort = new AbortController();
    const report = { ...quiet(abort.signal), stage: (name: string) => void (name === "unet" && abort.abort()) };
    await expect(session.load(loadRequest(path.join(MINIATURES, "sd2")), report)).rejects.toMatchObject({ name: "AbortError" });
    expect((await make(session)).width).toBe(64);
  });

  test("refuses a picture that memory is too small for, and makes the next one", async () => {
    process.env.DREAM_AVAILABLE_MEMORY = "1000000";
    await expect(make(session, { width: 4096, height: 4096 })).rejects.toMatchObject({ code: "memory/predicted" });
    expect((await make(session)).width).toBe(64);
  });
});

test("gives the memory of an upscaler back before it counts what a model can have", async () => {
  const session = new ModelSession();
  const before = openSessions();
  const upscaler = path.join(ORACLES, "upscalers", "compact-x2.safetensors");
  const picture = { width: 8, height: 8, rgb: new Uint8Array(8 * 8 * 3) };
  await session.upscale({ upscaler, picture, width: 16, height: 16, tile: 400, threads: 1 }, { ...quiet(), piece: () => {} });
  expect(openSessions()).toBe(before + 1);
  process.env.DREAM_AVAILABLE_MEMORY = "1000000";
  await expect(session.load(loadRequest(SD1), quiet())).rejects.toMatchObject({ code: "memory/predicted" });
  expect(openSessions()).toBe(before);
});

test("exported graphs draw the picture of the folder with the same weights", async () => {
  const folder = new ModelSession();
  const exported = new ModelSession();
  await folder.load(loadRequest(SD1), quiet());
  await exported.load(loadRequest(path.join(ORACLES, "onnx-folder", "optimum")), quiet());
  expect(difference(await make(folder), await make(exported))).toBeLessThanOrEqual(1);
});

test("exported graphs of half precision make a picture of their one size, and refuse circular padding", async () => {
  const session = new ModelSession();
  await session.load(loadRequest(path.join(ORACLES, "onnx-folder", "diffusers")), quiet());
  expect((await make(session, { sampler: "ddim" })).width).toBe(64);
  await expect(make(session, { width: 128 })).rejects.toMatchObject({ code: "usage/size" });
  await expect(make(session, { seamless: "x" })).rejects.toMatchObject({ code: "model/unsupported" });
  expect((await make(session, { sampler: "ddim" })).width).toBe(64);
});
