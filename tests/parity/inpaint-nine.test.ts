import { readFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, expect, test } from "@jest/globals";
import { ldmUnetSource } from "../../lib/checkpoints/ldm-sources.js";
import { openWeights } from "../../lib/checkpoints/open-weights.js";
import { unetConfigFromShapes } from "../../lib/models/ldm-config.js";
import type { WeightsModel } from "../../lib/models/model-components.js";
import { openModel } from "../../lib/models/open-model.js";
import { readSideConfig } from "../../lib/models/side-config.js";
import { createNetworks, type Networks } from "../../lib/networks/network-sessions.js";
import { guidedPredictor } from "../../lib/pipeline/guidance.js";
import { preparePainting } from "../../lib/pipeline/painting.js";
import { startLatents } from "../../lib/pipeline/start-latents.js";
import { swappingPredictor } from "../../lib/pipeline/swapping-predictor.js";
import { planSampling } from "../../lib/samplers/plan.js";
import { sample } from "../../lib/samplers/sample.js";
import { job } from "../engine/fakes.js";
import { floats, MINIATURES, ORACLES, readOracle, relativeError } from "../oracles/read-oracle.js";

/** The nine-channel U-Net paints what the pieces of diffusers' inpainting pipeline paint (`tests/oracles/inpaint/make-nine.py`). */

interface NineOracle {
  readonly seed: number;
  readonly steps: number;
  readonly strength: number;
  readonly cfg: number;
  readonly scale: number;
  readonly channels: readonly number[];
  readonly latents: readonly number[];
}

const NAME = "sd1-inpainting-fp16";
const SIDE = 64;
const TOLERANCE = 1e-3;
const oracle = JSON.parse(readFileSync(path.join(ORACLES, "inpaint", "nine-channels.json"), "utf8")) as NineOracle;
const { seed, steps, strength, cfg, scale } = oracle;
const rgb = Uint8Array.from({ length: SIDE * SIDE * 3 }, (_, i) => (i * 7) % 256);
const keep = Uint8Array.from({ length: SIDE * SIDE }, (_, i) => {
  const [x, y] = [i % SIDE, Math.floor(i / SIDE)];
  return y >= 16 && y < 48 && x >= 24 ? 0 : 255;
});
const wanted = job({ seed, steps, cfgScale: cfg, sampler: "ddim", init: { rgb, strength, region: { keep, replace: 0, softEdge: 8 } } });
const extent = { height: SIDE / scale, width: SIDE / scale };
let networks: Networks;
let model: WeightsModel;

beforeAll(async () => {
  model = (await openModel(path.join(MINIATURES, "sd1"))) as WeightsModel;
  const { weights: file } = await openWeights(path.join(MINIATURES, `${NAME}.safetensors`));
  const config = unetConfigFromShapes(file, await readSideConfig(path.join(MINIATURES, "sd1-inpainting.yaml")), 8);
  const parts = { ...model, unet: { config, weights: ldmUnetSource(file, config) } };
  networks = await createNetworks(parts, { threads: 1, memory: "fast", modelCache: "off", seamless: "" });
});

async function begin() {
  const plan = planSampling({ scheduler: model.scheduler, sampler: "ddim", steps, strength });
  const pictures = { vaeEncoder: networks.vaeEncoder, scalingFactor: model.vae.config.scalingFactor, unetChannels: 9, vaeScale: scale };
  const start = await startLatents(pictures, wanted, plan, extent);
  const painting = await preparePainting(pictures, wanted, { plan, start, extent });
  return { plan, start, painting };
}

test("beside the latents it sees the mask and the masked picture", async () => {
  const { painting } = await begin();
  expect(painting?.restore).toBeUndefined();
  expect(relativeError(painting!.channels!, oracle.channels)).toBeLessThan(TOLERANCE);
});

test("with a text swapped for itself it sees mask and masked picture as without", async () => {
  const { plan, start, painting } = await begin();
  const context = floats(readOracle(NAME), "unet.context");
  const half = context.length / 2;
  const tokens = half / model.unet.config.crossAttentionDim;
  const positive = context.subarray(half);
  const guidance = { negative: context.subarray(0, half), positive, scale: cfg };
  const sources = Int32Array.from({ length: tokens }, (_, token) => token);
  const window = { tStart: 0, tEnd: 1, sStart: 0, sEnd: 1, ignored: false };
  const shape = { channels: 9, ...extent };
  const settings = { beside: painting?.channels, progress: () => 0 };
  const swapping = swappingPredictor(networks.unet, { ...guidance, swap: { edited: positive, sources, window } }, shape, settings);
  const latents = await sample(plan, swapping, start.latents, { noise: start.noise });
  expect(relativeError(latents, oracle.latents)).toBeLessThan(TOLERANCE);
});

test("it paints what diffusers paints", async () => {
  const { plan, start, painting } = await begin();
  const context = floats(readOracle(NAME), "unet.context");
  const half = context.length / 2;
  const guidance = { negative: context.subarray(0, half), positive: context.subarray(half), scale: cfg };
  const predict = guidedPredictor(networks.unet, guidance, { channels: 9, ...extent }, painting?.channels);
  const latents = await sample(plan, predict, start.latents, { noise: start.noise });
  expect(relativeError(latents, oracle.latents)).toBeLessThan(TOLERANCE);
});
