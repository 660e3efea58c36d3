import { expect, test } from "@jest/globals";
import type { GenerationJob } from "../../lib/engine/protocol.js";
import { startLatents } from "../../lib/pipeline/start-latents.js";
import { TorchCpuNoise } from "../../lib/random/torch-cpu-noise.js";
import { planSampling } from "../../lib/samplers/plan.js";
import { STABLE_DIFFUSION_SCHEDULE } from "../../lib/samplers/scheduler-config.js";
import { job } from "../engine/fakes.js";

const EXTENT = { height: 8, width: 8 };
const COUNT = 4 * 8 * 8;
const rgb = new Uint8Array(64 * 64 * 3);

/** A VAE that sees the same picture in everything, with this standard deviation. */
function modelOf(deviation: number) {
  const logvar = new Float32Array(COUNT).fill(2 * Math.log(deviation));
  const encode = async () => ({ mean: new Float32Array(COUNT).fill(0.5), logvar });
  return { vaeEncoder: { encode, release: async () => {} }, scalingFactor: 0.18215 };
}

function start(overrides: Partial<GenerationJob>, deviation = 1) {
  const wanted = job(overrides);
  const plan = planSampling({ scheduler: STABLE_DIFFUSION_SCHEDULE, sampler: "k_euler", steps: 10, strength: wanted.init?.strength });
  return { plan, start: startLatents(modelOf(deviation), wanted, plan, EXTENT) };
}

/** The first and the second draw of a generator. */
function draws(seed: number): readonly [Float32Array, Float32Array] {
  const source = new TorchCpuNoise(seed);
  return [source.normal(COUNT), source.normal(COUNT)];
}

test("without an initial picture it is noise at the first level", async () => {
  const { plan, start: started } = start({ seed: 5 });
  expect((await started).latents).toEqual(plan.initialLatents(draws(5)[0]));
});

test("the first draw is the noise, the second chooses the encoded picture", async () => {
  const { plan, start: started } = start({ seed: 5, init: { rgb, strength: 0.7 } });
  const [noise, posterior] = draws(5);
  const latents = posterior.map((value) => (0.5 + value) * 0.18215);
  expect((await started).latents).toEqual(plan.initialLatents(noise, latents));
});

test("the sampler goes on behind the starting noise", async () => {
  const started = await start({ seed: 5, init: { rgb, strength: 0.7 } }).start;
  expect(started.noise.normal(COUNT)).toEqual(draws(5)[1]);
});

test("variations mix the noise and leave the encoded picture alone", async () => {
  const variations = [{ seed: 6, weight: 1 }];
  const { plan, start: started } = start({ seed: 5, variations, init: { rgb, strength: 0.7 } });
  const latents = draws(5)[1].map((value) => (0.5 + value) * 0.18215);
  expect((await started).latents).toEqual(plan.initialLatents(draws(6)[0], latents));
});

test("at strength 0 there is the encoded picture and nothing to do", async () => {
  const { latents, finished } = await start({ seed: 5, init: { rgb, strength: 0 } }, 1e-9).start;
  expect(finished).toBe(true);
  for (const value of latents) expect(value).toBeCloseTo(0.5 * 0.18215, 6);
});

test("a picture of another size is refused", async () => {
  await expect(start({ init: { rgb: rgb.subarray(3), strength: 0.5 } }).start).rejects.toMatchObject({ code: "engine/failed" });
});
