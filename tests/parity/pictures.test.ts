import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, test } from "@jest/globals";
import sharp from "sharp";
import type { GeneratedImage, GenerationJob } from "../../lib/engine/protocol.js";
import { PACKAGE_ROOT } from "../../lib/package-root.js";
import { ModelSession } from "../../lib/pipeline/model-session.js";
import type { SamplerName } from "../../lib/samplers/names.js";
import { planSampling } from "../../lib/samplers/plan.js";
import { STABLE_DIFFUSION_SCHEDULE } from "../../lib/samplers/scheduler-config.js";
import { MINIATURES, ORACLES } from "../oracles/read-oracle.js";

/** Whole pictures against diffusers' (`tests/oracles/pictures/make.py`): same model, same noise, same sampler, same pixels. */

interface PictureOracle {
  readonly prompts: readonly { readonly prompt: string; readonly seed: number }[];
  readonly negative: string;
  readonly width: number;
  readonly height: number;
  readonly steps: number;
  readonly cfg: number;
  readonly samplers: Readonly<Record<string, { readonly timesteps: readonly number[] }>>;
}

/** Grey levels of 255. */
const MEAN_TOLERANCE = 0.1;
const LARGEST_TOLERANCE = 4;

const PICTURES = path.join(ORACLES, "pictures");
const MODELS = readdirSync(PICTURES)
  .filter((file) => file.endsWith(".json"))
  .map((file) => path.basename(file, ".json"));

function folderOf(model: string): string {
  const miniature = path.join(MINIATURES, model);
  return existsSync(miniature) ? miniature : path.join(PACKAGE_ROOT, "configs", "models", model);
}

describe.each(MODELS)("%s", (model) => {
  const oracle = JSON.parse(readFileSync(path.join(PICTURES, `${model}.json`), "utf8")) as PictureOracle;
  const session = new ModelSession();
  const { signal } = new AbortController();
  const report = { signal, notice: () => {}, stage: () => {}, step: () => {}, previewEvery: 0 };

  beforeAll(async () => {
    await session.load({ path: folderOf(model), memory: "fast", modelCache: "off", threads: 1 }, report);
  });

  test.each(Object.keys(oracle.samplers))("%s draws what diffusers draws", async (sampler) => {
    const expected = await sharp(path.join(PICTURES, model, `${sampler}.png`))
      .removeAlpha()
      .raw()
      .toBuffer();
    const pictures: GeneratedImage[] = [];
    for (const { prompt, seed } of oracle.prompts) {
      const { width, height, steps, cfg, negative } = oracle;
      const job: GenerationJob = {
        prompt: `${prompt} [${negative}]`,
        width,
        height,
        steps,
        cfgScale: cfg,
        sampler,
        seed,
        variations: [],
        karras: false,
        rng: "cpu",
        seamless: "",
        clipSkip: 0,
      };
      pictures.push((await session.generate(job, report)).image);
    }
    const { mean, largest } = difference(sideBySide(pictures), expected);
    if (process.env.DREAM_PARITY_REPORT) process.stderr.write(`${model} ${sampler}: mean ${mean.toFixed(4)}, largest ${largest}\n`);
    expect(mean).toBeLessThanOrEqual(MEAN_TOLERANCE);
    expect(largest).toBeLessThanOrEqual(LARGEST_TOLERANCE);
  });

  test.each(Object.entries(oracle.samplers))("%s visits the same timesteps", (sampler, { timesteps }) => {
    const plan = planSampling({ scheduler: STABLE_DIFFUSION_SCHEDULE, sampler: sampler as SamplerName, steps: oracle.steps });
    expect(plan.timesteps).toHaveLength(timesteps.length);
    for (const [i, timestep] of timesteps.entries()) expect(plan.timesteps[i]).toBeCloseTo(timestep, 1);
  });
});

/** Pictures of one size in a row, as raw RGB. */
function sideBySide(pictures: readonly GeneratedImage[]): Uint8Array {
  const { width, height } = pictures[0]!;
  const row = 3 * width;
  const sheet = new Uint8Array(pictures.length * row * height);
  for (const [index, { rgb }] of pictures.entries()) {
    for (let y = 0; y < height; y++) sheet.set(rgb.subarray(y * row, (y + 1) * row), (y * pictures.length + index) * row);
  }
  return sheet;
}

function difference(got: Uint8Array, expected: Uint8Array): { mean: number; largest: number } {
  if (got.length !== expected.length) return { mean: Number.POSITIVE_INFINITY, largest: Number.POSITIVE_INFINITY };
  let sum = 0;
  let largest = 0;
  for (let i = 0; i < got.length; i++) {
    const distance = Math.abs(got[i]! - expected[i]!);
    sum += distance;
    largest = Math.max(largest, distance);
  }
  return { mean: sum / got.length, largest };
}
