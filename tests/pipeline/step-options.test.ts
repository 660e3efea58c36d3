import { join } from "node:path";
import { beforeAll, expect, test } from "@jest/globals";
import type { GeneratedImage, GenerationJob } from "../../lib/engine/protocol.js";
import { PACKAGE_ROOT } from "../../lib/package-root.js";
import { ModelSession } from "../../lib/pipeline/model-session.js";
import { applyStepOptions } from "../../lib/pipeline/step-options.js";
import { TorchCpuNoise } from "../../lib/random/torch-cpu-noise.js";
import { job } from "../engine/fakes.js";

const session = new ModelSession();
const report = { signal: new AbortController().signal, notice: () => {}, stage: () => {}, step: () => {}, previewEvery: 0 };
const base = { prompt: "a red house on the left", steps: 4, cfgScale: 5, seed: 4 } as const;

async function draw(overrides: Partial<GenerationJob>): Promise<GeneratedImage> {
  return (await session.generate(job({ ...base, ...overrides }), report)).image;
}

/** Mean difference of a picture and its mirror image. */
function asymmetry({ rgb, width, height }: GeneratedImage, axis: "h" | "v"): number {
  let sum = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const mirrored = axis === "h" ? y * width + width - 1 - x : (height - 1 - y) * width + x;
      for (let channel = 0; channel < 3; channel++) sum += Math.abs(rgb[(y * width + x) * 3 + channel]! - rgb[mirrored * 3 + channel]!);
    }
  }
  return sum / rgb.length;
}

beforeAll(async () => {
  const path = join(PACKAGE_ROOT, "configs", "models", "crayon");
  await session.load({ path, memory: "fast", modelCache: "off", threads: 1 }, report);
});

test("the limit comes before the mirrors", () => {
  const latents = Float32Array.of(9, 0, 0, 1);
  const noise = new TorchCpuNoise(1);
  const finished = { step: 5, total: 5, latents, denoised: latents };
  applyStepOptions(finished, { threshold: 2, hSymmetryTime: 0.5 }, { height: 1, width: 4 }, noise);
  expect([...latents]).toEqual([9, 0, 0, 1].with(0, latents[0]!));
  expect(latents[0]).toBeLessThan(2);
  applyStepOptions({ ...finished, step: 4 }, { threshold: 2, hSymmetryTime: 0.5 }, { height: 1, width: 4 }, noise);
  expect(latents[3]).toBe(latents[0]);
});

test.each([
  ["h", { hSymmetryTime: 1 }],
  ["v", { vSymmetryTime: 1 }],
] as const)("%s: a picture whose latents were mirrored is nearly its own mirror image", async (axis, options) => {
  const large = { width: 128, height: 128 };
  const [plain, mirrored] = [await draw(large), await draw({ ...large, ...options })];
  expect(asymmetry(mirrored, axis)).toBeLessThan(asymmetry(plain, axis) / 2);
});

test.each<[string, Partial<GenerationJob>]>([
  ["threshold 0", { threshold: 0 }],
  ["a threshold that nothing reaches", { threshold: 1000 }],
  ["perlin 0", { perlin: 0 }],
  ["symmetry at 0", { hSymmetryTime: 0, vSymmetryTime: 0 }],
])("%s changes nothing", async (_, options) => {
  expect(await draw(options)).toEqual(await draw({}));
});

test.each<[string, Partial<GenerationJob>]>([
  ["threshold", { threshold: 1.5 }],
  ["perlin", { perlin: 0.2 }],
])("%s changes the picture, and twice in the same way", async (_, options) => {
  const changed = await draw(options);
  expect(changed).not.toEqual(await draw({}));
  expect(await draw(options)).toEqual(changed);
});
