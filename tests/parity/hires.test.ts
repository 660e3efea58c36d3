import { readFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, expect, test } from "@jest/globals";
import type { GenerationJob } from "../../lib/engine/protocol.js";
import { comparePictures } from "../../lib/images/pixels/compare-pictures.js";
import { readPicture } from "../../lib/images/pixels/decode-picture.js";
import { PACKAGE_ROOT } from "../../lib/package-root.js";
import { ModelSession } from "../../lib/pipeline/model-session.js";
import { job } from "../engine/fakes.js";
import { ORACLES } from "../oracles/read-oracle.js";

/** Pictures in two passes, and the options for noise and steps, against diffusers (`tests/oracles/hires/make.py`). */

interface HiresOracle {
  readonly prompt: string;
  readonly seed: number;
  readonly steps: number;
  readonly strength: number;
  readonly cfg: number;
  readonly width: number;
  readonly height: number;
  readonly cases: Readonly<
    Record<string, { readonly sampler: string; readonly perlin?: number; readonly threshold?: number; readonly symmetry?: number }>
  >;
}

/** Grey levels of 255. */
const MEAN_TOLERANCE = 0.1;
const LARGEST_TOLERANCE = 4;

const FOLDER = path.join(ORACLES, "hires");
const oracle = JSON.parse(readFileSync(path.join(FOLDER, "settings.json"), "utf8")) as HiresOracle;
const session = new ModelSession();
const report = { signal: new AbortController().signal, notice: () => {}, stage: () => {}, step: () => {}, previewEvery: 0 };

beforeAll(async () => {
  const model = path.join(PACKAGE_ROOT, "configs", "models", "crayon");
  await session.load({ path: model, memory: "fast", modelCache: "off", threads: 1 }, report);
});

test.each(Object.entries(oracle.cases))("%s: two passes draw what diffusers draws", async (name, { sampler, symmetry, ...options }) => {
  const { prompt, seed, steps, strength, cfg, width, height } = oracle;
  const wanted: GenerationJob = job({
    ...{ prompt, seed, steps, cfgScale: cfg, width, height, sampler },
    hiresStrength: strength,
    hSymmetryTime: symmetry,
    ...options,
  });
  const { image } = await session.generate(wanted, report);
  const { mean, largest } = comparePictures(image, await readPicture(path.join(FOLDER, `${name}.png`)));
  if (process.env.DREAM_PARITY_REPORT) process.stderr.write(`hires ${name}: mean ${mean.toFixed(4)}, largest ${largest}\n`);
  expect(mean).toBeLessThanOrEqual(MEAN_TOLERANCE);
  expect(largest).toBeLessThanOrEqual(LARGEST_TOLERANCE);
});
