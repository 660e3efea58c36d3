import { readFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, expect, test } from "@jest/globals";
import sharp from "sharp";
import type { GeneratedImage, GenerationJob } from "../../lib/engine/protocol.js";
import { comparePictures } from "../../lib/images/pixels/compare-pictures.js";
import { readPicture } from "../../lib/images/pixels/decode-picture.js";
import type { RgbPicture } from "../../lib/images/pixels/encode-png.js";
import { PACKAGE_ROOT } from "../../lib/package-root.js";
import { ModelSession } from "../../lib/pipeline/model-session.js";
import type { SamplerName } from "../../lib/samplers/names.js";
import { planSampling } from "../../lib/samplers/plan.js";
import { STABLE_DIFFUSION_SCHEDULE } from "../../lib/samplers/scheduler-config.js";
import { ORACLES } from "../oracles/read-oracle.js";

/** Pictures that begin with a picture against diffusers' (`tests/oracles/img2img/make.py`). */

interface Img2ImgOracle {
  readonly prompt: string;
  readonly seed: number;
  readonly steps: number;
  readonly strengths: readonly number[];
  readonly cfg: number;
  /** For each sampler and strength. */
  readonly timesteps: Readonly<Record<string, readonly (readonly number[])[]>>;
}

/** Grey levels of 255. */
const MEAN_TOLERANCE = 0.1;
const LARGEST_TOLERANCE = 4;

const FOLDER = path.join(ORACLES, "img2img");
const oracle = JSON.parse(readFileSync(path.join(FOLDER, "settings.json"), "utf8")) as Img2ImgOracle;
const cases = Object.entries(oracle.timesteps).flatMap(([sampler, runs]) =>
  oracle.strengths.map((strength, index) => ({ sampler, strength, index, timesteps: runs[index]! })),
);
const session = new ModelSession();
const { signal } = new AbortController();
const report = { signal, notice: () => {}, stage: () => {}, step: () => {}, previewEvery: 0 };
let init: RgbPicture;

beforeAll(async () => {
  init = await readPicture(path.join(FOLDER, "init.png"));
  await session.load(
    { path: path.join(PACKAGE_ROOT, "configs", "models", "crayon"), memory: "fast", modelCache: "off", threads: 1 },
    report,
  );
});

test.each(cases)("$sampler at strength $strength draws what diffusers draws", async ({ sampler, strength, index }) => {
  const { mean, largest } = comparePictures(await draw(sampler, strength), await expected(sampler, index));
  if (process.env.DREAM_PARITY_REPORT)
    process.stderr.write(`img2img ${sampler} ${strength}: mean ${mean.toFixed(4)}, largest ${largest}\n`);
  expect(mean).toBeLessThanOrEqual(MEAN_TOLERANCE);
  expect(largest).toBeLessThanOrEqual(LARGEST_TOLERANCE);
});

test.each(cases)("$sampler at strength $strength visits the same timesteps", ({ sampler, strength, timesteps }) => {
  const plan = planSampling({ scheduler: STABLE_DIFFUSION_SCHEDULE, sampler: sampler as SamplerName, steps: oracle.steps, strength });
  expect(plan.timesteps).toHaveLength(timesteps.length);
  for (const [i, timestep] of timesteps.entries()) expect(plan.timesteps[i]).toBeCloseTo(timestep, 1);
});

async function draw(sampler: string, strength: number): Promise<GeneratedImage> {
  const { prompt, seed, steps, cfg } = oracle;
  const job: GenerationJob = {
    prompt,
    width: init.width,
    height: init.height,
    steps,
    cfgScale: cfg,
    sampler,
    seed,
    variations: [],
    karras: false,
    rng: "cpu",
    seamless: "",
    clipSkip: 0,
    init: { rgb: init.rgb, strength },
  };
  return (await session.generate(job, report)).image;
}

/** One of the pictures that stand side by side in a sampler's file. */
async function expected(sampler: string, index: number): Promise<RgbPicture> {
  const { width, height } = init;
  const area = { left: index * width, top: 0, width, height };
  const rgb = await sharp(path.join(FOLDER, `${sampler}.png`))
    .removeAlpha()
    .extract(area)
    .raw()
    .toBuffer();
  return { width, height, rgb };
}
