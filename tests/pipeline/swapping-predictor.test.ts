import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "@jest/globals";
import { type Conditioning, PromptEncoder } from "../../lib/conditioning/encode-prompt.js";
import { loadTokenizer } from "../../lib/conditioning/tokenizer.js";
import type { WeightsModel } from "../../lib/models/model-components.js";
import { openModel } from "../../lib/models/open-model.js";
import { createNetworks, type Networks, type UNet } from "../../lib/networks/network-sessions.js";
import { swappingPredictor } from "../../lib/pipeline/swapping-predictor.js";
import { planSampling } from "../../lib/samplers/plan.js";
import { sample } from "../../lib/samplers/sample.js";
import { MINIATURES, ORACLES, relativeError } from "../oracles/read-oracle.js";

interface Values {
  readonly settings: { steps: number; cfg: number; size: number; timestep: number; start: readonly number[] };
  readonly single: readonly { prompt: string; maps: readonly ("self" | "tokens")[]; predicted: readonly number[] }[];
  readonly runs: readonly {
    prompt: string;
    window: { s_start: number; s_end: number; t_start: number; t_end: number };
    latents: readonly number[];
  }[];
}

const oracle = JSON.parse(readFileSync(path.join(ORACLES, "swap", "values.json"), "utf8")) as Values;
const { size, timestep, steps, cfg } = oracle.settings;
const start = Float32Array.from(oracle.settings.start);
const shape = { channels: 4, height: size, width: size };
const windowOf = ({ s_start, s_end, t_start, t_end }: Values["runs"][number]["window"]) => ({
  sStart: s_start,
  sEnd: s_end,
  tStart: t_start,
  tEnd: t_end,
  ignored: false,
});
const ALWAYS = windowOf({ s_start: 0, s_end: 1, t_start: 0, t_end: 1 });
const NEVER = windowOf({ s_start: 0, s_end: 0, t_start: 0, t_end: 0 });

const loaded = (async (): Promise<{ model: WeightsModel; networks: Networks; prompts: PromptEncoder }> => {
  const model = await openModel(path.join(MINIATURES, "sd1"));
  if (model.layout === "onnx") throw new Error("not a model with weights");
  const networks = await createNetworks(model, { threads: 1, memory: "fast", modelCache: "off", seamless: "" });
  const tokenizer = await loadTokenizer(path.join(MINIATURES, "sd1", "tokenizer"));
  return { model, networks, prompts: new PromptEncoder(tokenizer, networks.textEncoder) };
})();

async function conditioning(
  prompt: string,
  options: { cfgScale?: number; longPrompts?: boolean } = {},
): Promise<Conditioning & { swap: NonNullable<Conditioning["swap"]> }> {
  const { prompts } = await loaded;
  const answer = await prompts.encode({ prompt, clipSkip: 0, cfgScale: cfg, ...options }, async () => {});
  if (answer.swap === undefined) throw new Error(`nothing is swapped in ${prompt}`);
  return { ...answer, swap: answer.swap };
}

describe("as the algorithm over diffusers' U-Net", () => {
  test.each(oracle.single)("one call with the maps $maps for $prompt", async ({ prompt, maps, predicted }) => {
    const { networks } = await loaded;
    const given = await conditioning(prompt, { cfgScale: 1 });
    const self = maps.includes("self") ? { sStart: 0, sEnd: 1 } : {};
    const tokens = maps.includes("tokens") ? { tStart: 0, tEnd: 1 } : {};
    const swap = { ...given.swap, window: { ...NEVER, ...self, ...tokens } };
    const predict = swappingPredictor(networks.unet, { ...given, swap, scale: 1 }, shape, { progress: () => 0 });
    expect(relativeError(await predict(start, timestep), predicted)).toBeLessThan(1e-4);
  });

  test.each(oracle.runs)("a whole run with the window $window for $prompt", async ({ prompt, window, latents }) => {
    const { model, networks } = await loaded;
    const given = await conditioning(prompt);
    const plan = planSampling({ scheduler: model.scheduler, sampler: "ddim", steps });
    let done = 0;
    const guidance = { ...given, swap: { ...given.swap, window: windowOf(window) }, scale: cfg };
    const predict = swappingPredictor(networks.unet, guidance, shape, { progress: () => done / plan.steps });
    const noise = { normal: () => new Float32Array(), uniform: () => new Float32Array() };
    const finished = await sample(plan, predict, plan.initialLatents(start), {
      noise: noise as never,
      onStep: ({ step }) => {
        done = step;
      },
    });
    expect(relativeError(finished, latents)).toBeLessThan(1e-3);
  });
});

/** One guided call inside the window that is given. */
async function predictOnce(unet: UNet, given: Awaited<ReturnType<typeof conditioning>>, window = ALWAYS): Promise<Float32Array> {
  const swap = { ...given.swap, window };
  return swappingPredictor(unet, { ...given, swap, scale: cfg }, shape, { progress: () => 0 })(start, timestep);
}

async function predictPlain(prompt: string, options: { longPrompts?: boolean } = {}): Promise<Float32Array> {
  const { networks, prompts } = await loaded;
  const { swap: _, ...given } = await prompts.encode({ prompt, clipSkip: 0, cfgScale: cfg, ...options }, async () => {});
  return swappingPredictor(networks.unet, { ...given, scale: cfg }, shape, { progress: () => 0 })(start, timestep);
}

test("outside of the window the original prompt is drawn, bit for bit", async () => {
  const { networks } = await loaded;
  const given = await conditioning("a (circle).swap(star) above a house");
  expect(await predictOnce(networks.unet, given, NEVER)).toEqual(await predictPlain("a circle above a house"));
});

/** Fills the first window of tokens. */
const LONG = Array.from({ length: 40 }, () => "a").join(", ");

test.each([
  ["a word", "a (circle).swap(circle) above a house", "a circle above a house", {}],
  ["a word in the second window", `${LONG}, a (circle).swap(circle) above`, `${LONG}, a circle above`, { longPrompts: true }],
  ["a word of one of several prompts", '("a star", "a (cat).swap(cat)").and()', '("a star", "a cat").and()', {}],
])("%s that is swapped with itself gives the same prediction", async (_what, swapped, plain, options) => {
  const { networks } = await loaded;
  const got = await predictOnce(networks.unet, await conditioning(swapped, options));
  expect(relativeError(got, await predictPlain(plain, options))).toBeLessThan(1e-4);
});

test("without control of the attention the edited prompt is drawn in the window", async () => {
  const { networks } = await loaded;
  const { predictSwapped: _, ...exported } = networks.unet;
  const got = await predictOnce(exported, await conditioning("a (circle).swap(star) above a house"));
  expect(got).toEqual(await predictPlain("a star above a house"));
});

test("a picture without a swap is not predicted by the graph that swaps", async () => {
  const { networks, prompts } = await loaded;
  const { swap } = await prompts.encode({ prompt: "a circle above a house", clipSkip: 0, cfgScale: cfg }, async () => {});
  expect(swap).toBeUndefined();
  const refusing: UNet = { ...networks.unet, predictSwapped: () => Promise.reject(new Error("asked")) };
  const given = await conditioning("a (circle).swap(star) above a house");
  await expect(predictOnce(refusing, given)).rejects.toThrow("asked");
  await expect(predictOnce(refusing, given, NEVER)).resolves.toHaveLength(start.length);
});
