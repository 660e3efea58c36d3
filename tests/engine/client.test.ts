import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { EngineClient } from "../../lib/engine/client.js";
import type { Generated } from "../../lib/engine/engine.js";
import { fakeClient, isAlive, job, loadRequest, until } from "./fakes.js";

let engine: EngineClient;
let notices: string[];

beforeEach(() => {
  engine = fakeClient();
  notices = [];
  engine.onNotice((text) => notices.push(text));
});

afterEach(() => engine.close());

/** Starts a picture that takes long and resolves once its first step was made. */
async function begin(prompt = "a cat"): Promise<{ finished: Promise<Generated | "cancelled"> }> {
  let onFirst = () => {};
  const first = new Promise<void>((resolve) => {
    onFirst = resolve;
  });
  const finished = engine.generate(job({ prompt, steps: 500 }), { onStep: () => onFirst() });
  if (prompt === "hang") await new Promise((resolve) => setTimeout(resolve, 100));
  else await Promise.race([first, finished]);
  return { finished };
}

describe("a job", () => {
  test("returns the picture and tells every step, with previews as often as asked", async () => {
    const stages: string[] = [];
    const model = await engine.load(loadRequest("/models/notices"), (stage) => stages.push(stage));
    expect(model.family).toBe("fake");
    expect(stages).toEqual(["unet"]);
    expect(notices).toEqual(["using the lean mode"]);

    const steps: string[] = [];
    const made = await engine.generate(job({ seed: 7 }), {
      previewEvery: 2,
      onStep: (step, total, preview) => steps.push(`${step}/${total}${preview ? ` ${preview.rgb.join()}` : ""}`),
    });
    expect(steps).toEqual(["1/5", "2/5 1,2,3", "3/5", "4/5 1,2,3", "5/5"]);
    expect(made).toMatchObject({ image: { width: 64, height: 64 } });
    expect((made as Generated).image.rgb).toHaveLength(64 * 64 * 3);
    expect((made as Generated).image.rgb[100]).toBe(7);
  });

  test("that somebody watches has previews of its own", async () => {
    await engine.load(loadRequest("/models/a"));
    const shown: number[] = [];
    const onStep = (step: number, _total: number, preview?: unknown) => preview !== undefined && shown.push(step);
    await engine.generate(job(), { livePreviews: true, onStep });
    await engine.generate(job(), { onStep });
    expect(shown).toEqual([3]);
  });

  test("leaves this process's event loop free", async () => {
    await engine.load(loadRequest("/models/a"));
    let ticks = 0;
    const timer = setInterval(() => ticks++, 10);
    await engine.generate(job({ steps: 20 }));
    clearInterval(timer);
    expect(ticks).toBeGreaterThan(15);
  });

  test.each([
    ["refused", "usage/size", "too large"],
    ["defect", "engine/failed", "a defect"],
    ["no memory", "memory/exhausted", "the machine ran out of memory"],
  ])("that fails (%s) rejects with the error's code and leaves the engine usable", async (prompt, code, message) => {
    await engine.load(loadRequest("/models/a"));
    await expect(engine.generate(job({ prompt }))).rejects.toMatchObject({ name: "DreamError", code, message });
    expect(await engine.generate(job())).not.toBe("cancelled");
  });

  test("without a model says so", async () => {
    await expect(engine.generate(job())).rejects.toMatchObject({ code: "engine/failed", message: "no model is loaded" });
  });

  test("is refused while another runs", async () => {
    await engine.load(loadRequest("/models/a"));
    const { finished } = await begin();
    await expect(engine.generate(job())).rejects.toThrow("the engine is busy");
    engine.cancel();
    await finished;
  });
});

describe("cancel", () => {
  test("once stops after the current step and keeps the process", async () => {
    await engine.load(loadRequest("/models/a"));
    const { pid } = engine;
    const { finished } = await begin();
    engine.cancel();
    expect(await finished).toBe("cancelled");
    expect(engine.pid).toBe(pid);
    expect(notices).toEqual([]);
    expect(await engine.generate(job())).not.toBe("cancelled");
  });

  test("twice kills a step that does not end, restarts and reloads", async () => {
    await engine.load(loadRequest("/models/a"));
    const { pid } = engine;
    const { finished } = await begin("hang");
    engine.cancel();
    engine.cancel();
    expect(await finished).toBe("cancelled");
    expect(await engine.generate(job())).not.toBe("cancelled");
    expect(engine.pid).not.toBe(pid);
    expect(notices).toEqual(["the engine was stopped; restarting", expect.stringMatching(/^reloaded a in \d/)]);
  });

  test("while the model is being reloaded gives the job up and lets the reload finish", async () => {
    await engine.load(loadRequest("/models/a"));
    process.kill(engine.pid!, "SIGKILL");
    await until(() => notices.length > 0);
    const finished = engine.generate(job());
    engine.cancel();
    expect(await finished).toBe("cancelled");
    expect(await engine.generate(job())).not.toBe("cancelled");
  });

  test("does nothing while nothing runs", async () => {
    engine.cancel();
    await engine.load(loadRequest("/models/a"));
    engine.cancel();
    engine.cancel();
    expect(await engine.generate(job())).not.toBe("cancelled");
  });
});

describe("kill -9 of the engine", () => {
  test("costs the job: it is said, and the next job finds the model reloaded", async () => {
    await engine.load(loadRequest("/models/a"));
    const { finished } = await begin();
    process.kill(engine.pid!, "SIGKILL");
    await expect(finished).rejects.toMatchObject({
      code: "engine/crashed",
      message: expect.stringMatching(/^the engine was killed \(SIGKILL/),
    });
    expect(await engine.generate(job())).not.toBe("cancelled");
    expect(notices).toEqual([expect.stringMatching(/^reloaded a in/)]);
  });

  test("while idle is noticed and mended", async () => {
    await engine.load(loadRequest("/models/a"));
    process.kill(engine.pid!, "SIGKILL");
    await until(() => notices.length === 2);
    expect(await engine.generate(job())).not.toBe("cancelled");
  });
});

describe("loading", () => {
  test.each(["kills", "aborts"])("a model that %s the engine fails, and the previous model comes back", async (name) => {
    await engine.load(loadRequest("/models/a"));
    await expect(engine.load(loadRequest(`/models/${name}`))).rejects.toMatchObject({ code: "engine/crashed" });
    expect(await engine.generate(job())).not.toBe("cancelled");
    expect(notices.at(-1)).toMatch(/^reloaded a in/);
  });

  test("a first model that kills the engine leaves one that can load another", async () => {
    await expect(engine.load(loadRequest("/models/kills"))).rejects.toMatchObject({ code: "engine/crashed" });
    await engine.load(loadRequest("/models/a"));
    expect(await engine.generate(job())).not.toBe("cancelled");
  });

  test("a refused model leaves the previous one loaded", async () => {
    await engine.load(loadRequest("/models/a"));
    await expect(engine.load(loadRequest("/models/refused"))).rejects.toMatchObject({ code: "model/not-a-model" });
    expect(await engine.generate(job())).not.toBe("cancelled");
    expect(notices).toEqual([]);
  });
});

describe("the end", () => {
  test("close() leaves no process behind, busy or idle, and ends the job as cancelled", async () => {
    await engine.load(loadRequest("/models/a"));
    const { finished } = await begin("hang");
    const pid = engine.pid!;
    await engine.close();
    expect(await finished).toBe("cancelled");
    expect(isAlive(pid)).toBe(false);
    await expect(engine.generate(job())).rejects.toThrow("the engine is closed");
  });

  test("a child whose parent was killed ends by itself", async () => {
    const parent = spawn(process.execPath, [fileURLToPath(new URL("./fake-parent.js", import.meta.url))], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [line] = await once(parent.stdout, "data");
    const pid = Number(String(line));
    expect(isAlive(pid)).toBe(true);
    parent.kill("SIGKILL");
    await until(() => !isAlive(pid));
  });

  test("a child ignores the terminal's Ctrl-C", async () => {
    await engine.load(loadRequest("/models/a"));
    const { finished } = await begin();
    process.kill(engine.pid!, "SIGINT");
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(notices).toEqual([]);
    engine.cancel();
    expect(await finished).toBe("cancelled");
  });
});

describe("enlarging", () => {
  const upscaleJob = {
    upscaler: "/upscaler",
    picture: { width: 1, height: 1, rgb: new Uint8Array(3) },
    width: 2,
    height: 2,
    tile: 0,
    threads: 1,
  };

  test("needs no model and tells every piece", async () => {
    const told: number[][] = [];
    const image = await engine.upscale(upscaleJob, (...piece) => told.push(piece));
    expect(image).toEqual({ width: 2, height: 2, rgb: new Uint8Array(12).fill(9) });
    expect(told).toEqual([
      [1, 3],
      [2, 3],
      [3, 3],
    ]);
  });

  test("stops between two pieces", async () => {
    expect(await engine.upscale(upscaleJob, (piece) => piece === 1 && engine.cancel())).toBe("cancelled");
    expect(await engine.upscale(upscaleJob)).toMatchObject({ width: 2 });
  });

  test("judges a picture, says what is wrong with the checker, and can be cancelled", async () => {
    const picture = { width: 1, height: 1, rgb: Uint8Array.of(255, 0, 0) };
    const job = { checker: "/checker", picture, threads: 1 };
    expect(await engine.check(job)).toBe(true);
    expect(await engine.check({ ...job, picture: { ...picture, rgb: new Uint8Array(3) } })).toBe(false);
    await expect(engine.check({ ...job, checker: "/refused" })).rejects.toMatchObject({ code: "tool/unsupported" });
    const checking = engine.check(job);
    await new Promise((resolve) => setTimeout(resolve, 5));
    engine.cancel();
    expect(await checking).toBe("cancelled");
  });

  test("restores faces, tells every step, says what is wrong with the network, and can be cancelled", async () => {
    const picture = { width: 1, height: 1, rgb: new Uint8Array(3) };
    const job = { detector: "/detector", restorer: "/restorer", picture, strength: 1, threads: 1 };
    const told: number[][] = [];
    const image = { ...picture, rgb: Uint8Array.of(7, 7, 7) };
    expect(await engine.restoreFaces(job, (...step) => told.push(step))).toEqual({ image, restored: 2, tooSmall: 1, tooMany: 0 });
    expect(told).toEqual([
      [1, 3],
      [2, 3],
      [3, 3],
    ]);
    await expect(engine.restoreFaces({ ...job, restorer: "/refused" })).rejects.toMatchObject({ code: "face/unsupported" });
    expect(await engine.restoreFaces(job, (step) => step === 1 && engine.cancel())).toBe("cancelled");
  });

  test("finds what a text names, and tells what is to be told of it", async () => {
    const told: string[] = [];
    engine.onNotice((text) => told.push(text));
    const job = { segmenter: "/words", picture: { width: 1, height: 1, rgb: new Uint8Array(3) }, text: "hat", threads: 1 };
    expect(await engine.segment(job)).toEqual({ side: 1, heat: Float32Array.of(3) });
    expect(told).toContain("the text is too long");
    await expect(engine.segment({ ...job, text: "refused" })).rejects.toMatchObject({ code: "tool/unsupported" });
  });

  test("says what is wrong with the upscaler", async () => {
    const refused = engine.upscale({ ...upscaleJob, upscaler: "/refused" });
    await expect(refused).rejects.toMatchObject({ code: "upscaler/unsupported", message: "/refused is no upscaler" });
  });
});
