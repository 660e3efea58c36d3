import type { EngineBackend } from "../../lib/engine/backend.js";
import { serve } from "../../lib/engine/serve.js";
import { DreamError } from "../../lib/errors.js";

/** Blocks the thread as a run of onnxruntime does. */
function block(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

let loaded = "";

/** Backend whose paths and prompts say how it is to behave. */
const backend: EngineBackend = {
  async load(request, report) {
    report.stage("unet");
    if (request.path.endsWith("kills")) process.kill(process.pid, "SIGKILL");
    if (request.path.endsWith("aborts")) process.abort();
    if (request.path.endsWith("refused")) throw new DreamError("model/not-a-model", `${request.path} is no model`);
    if (request.path.endsWith("notices")) report.notice("using the lean mode");
    loaded = request.path;
    return {
      path: request.path,
      family: "fake",
      layout: "diffusers",
      width: 64,
      height: 64,
      memoryMode: "fast",
      triggers: [],
      notices: [],
      hash: "NOHASH",
      seconds: 0,
      fromMemory: false,
    };
  },
  async generate(job, report) {
    if (loaded === "") throw new DreamError("engine/failed", "no model");
    if (job.prompt === "refused") throw new DreamError("usage/size", "too large");
    if (job.prompt === "defect") throw new TypeError("a defect");
    if (job.prompt === "no memory") throw new Error("Failed to allocate memory for requested buffer of size 12345");
    for (let step = 1; step <= job.steps; step++) {
      block(job.prompt === "hang" ? 60_000 : 20);
      await new Promise((resolve) => setImmediate(resolve));
      report.signal.throwIfAborted();
      const preview =
        (report.previewEvery > 0 && step % report.previewEvery === 0) || (report.livePreviews && step === 3)
          ? { width: 1, height: 1, rgb: Uint8Array.of(1, 2, 3), span: 8 }
          : undefined;
      report.step(step, job.steps, preview);
    }
    const rgb = new Uint8Array(job.width * job.height * 3).fill(job.seed % 256);
    return { image: { width: job.width, height: job.height, rgb }, seconds: { conditioning: 1, sampling: 2, decoding: 4 } };
  },
  async upscale({ upscaler, width, height }, report) {
    if (upscaler.endsWith("refused")) throw new DreamError("upscaler/unsupported", `${upscaler} is no upscaler`);
    for (let piece = 1; piece <= 3; piece++) {
      block(20);
      await new Promise((resolve) => setImmediate(resolve));
      report.signal.throwIfAborted();
      report.piece(piece, 3);
    }
    return { width, height, rgb: new Uint8Array(width * height * 3).fill(9) };
  },
  async check({ checker, picture }, report) {
    if (checker.endsWith("refused")) throw new DreamError("tool/unsupported", `${checker} is no checker`);
    await new Promise((resolve) => setTimeout(resolve, 20));
    report.signal.throwIfAborted();
    return picture.rgb[0] === 255;
  },
  async restore({ restorer, picture }, report) {
    if (restorer.endsWith("refused")) throw new DreamError("face/unsupported", `${restorer} is no face restorer`);
    for (let step = 1; step <= 3; step++) {
      block(20);
      await new Promise((resolve) => setImmediate(resolve));
      report.signal.throwIfAborted();
      report.step(step, 3);
    }
    return { image: { ...picture, rgb: new Uint8Array(picture.rgb.length).fill(7) }, restored: 2, tooSmall: 1, tooMany: 0 };
  },
  async segment({ text }, report) {
    if (text === "refused") throw new DreamError("tool/unsupported", "no network for text masks");
    report.notice("the text is too long");
    return { side: 1, heat: Float32Array.of(text.length) };
  },
  status() {
    const model = { path: loaded, family: "fake", memoryMode: "fast", weightBytes: 123, active: true } as const;
    return { models: loaded === "" ? [] : [model], sessions: 3 };
  },
};

serve(backend);
