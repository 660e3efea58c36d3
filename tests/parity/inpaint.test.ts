import { readFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, expect, test } from "@jest/globals";
import { keptLevels } from "../../lib/images/painting/masks.js";
import { comparePictures } from "../../lib/images/pixels/compare-pictures.js";
import { readPicture } from "../../lib/images/pixels/decode-picture.js";
import type { RgbPicture } from "../../lib/images/pixels/encode-png.js";
import { PACKAGE_ROOT } from "../../lib/package-root.js";
import { ModelSession } from "../../lib/pipeline/model-session.js";
import { job } from "../engine/fakes.js";
import { ORACLES } from "../oracles/read-oracle.js";

/** A painted region against the same procedure over diffusers (`tests/oracles/inpaint/make.py`). */

interface InpaintOracle {
  readonly prompt: string;
  readonly seed: number;
  readonly steps: number;
  readonly strength: number;
  readonly cfg: number;
  readonly softEdge: number;
  readonly samplers: readonly string[];
}

/** Grey levels of 255. */
const MEAN_TOLERANCE = 0.1;
const LARGEST_TOLERANCE = 4;

const FOLDER = path.join(ORACLES, "inpaint");
const oracle = JSON.parse(readFileSync(path.join(FOLDER, "settings.json"), "utf8")) as InpaintOracle;
const session = new ModelSession();
const report = { signal: new AbortController().signal, notice: () => {}, stage: () => {}, step: () => {}, previewEvery: 0 };
let init: RgbPicture;
let keep: Uint8Array;

beforeAll(async () => {
  init = await readPicture(path.join(ORACLES, "img2img", "init.png"));
  keep = keptLevels(await readPicture(path.join(FOLDER, "mask.png")));
  await session.load(
    { path: path.join(PACKAGE_ROOT, "configs", "models", "crayon"), memory: "fast", modelCache: "off", threads: 1 },
    report,
  );
});

test.each(oracle.samplers)("%s paints what diffusers paints", async (sampler) => {
  const { prompt, seed, steps, strength, cfg, softEdge } = oracle;
  const { width, height, rgb } = init;
  const region = { keep, replace: 0, softEdge };
  const wanted = job({ prompt, seed, steps, cfgScale: cfg, sampler, width, height, init: { rgb, strength, region } });
  const { image } = await session.generate(wanted, report);
  const { mean, largest } = comparePictures(image, await readPicture(path.join(FOLDER, `${sampler}.png`)));
  if (process.env.DREAM_PARITY_REPORT) process.stderr.write(`inpaint ${sampler}: mean ${mean.toFixed(4)}, largest ${largest}\n`);
  expect(mean).toBeLessThanOrEqual(MEAN_TOLERANCE);
  expect(largest).toBeLessThanOrEqual(LARGEST_TOLERANCE);
});
