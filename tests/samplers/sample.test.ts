import { expect, test } from "@jest/globals";
import { createNoiseSource } from "../../lib/random/create-noise-source.js";
import { SAMPLER_NAMES } from "../../lib/samplers/names.js";
import { planSampling } from "../../lib/samplers/plan.js";
import { type StepReport, sample } from "../../lib/samplers/sample.js";
import { STABLE_DIFFUSION_SCHEDULE as scheduler } from "../../lib/samplers/scheduler-config.js";

const noise = () => createNoiseSource("cpu", 3);
const predict = async (x: Float32Array) => x.map(Math.tanh);

/** The perfect model of a world with one picture: whatever noise it sees, it knows the picture behind it. */
function knowing(picture: Float32Array, alphaAt: (timestep: number) => number) {
  return async (x: Float32Array, timestep: number) => {
    const alpha = alphaAt(timestep);
    return x.map((value, i) => (value - alpha * picture[i]!) / Math.sqrt(1 - alpha ** 2));
  };
}

test.each(SAMPLER_NAMES)("%s finds the picture of a model that knows only one", async (sampler) => {
  const picture = Float32Array.from({ length: 16 }, (_, i) => Math.sin(i));
  const plan = planSampling({ scheduler, sampler, steps: 12 });
  const alphas = new Map(plan.levels.slice(0, -1).map(({ timestep, alpha, sigma }) => [timestep, alpha / Math.hypot(alpha, sigma)]));
  const start = plan.initialLatents(noise().normal(16));
  const end = await sample(
    plan,
    knowing(picture, (t) => alphas.get(t)!),
    start,
    { noise: noise() },
  );
  // ddim, plms and k_dpmpp_2 end at timestep 0, where a little of the noise remains.
  for (const [i, value] of end.entries()) expect(Math.abs(value - picture[i]!)).toBeLessThan(0.1);
});

test.each(SAMPLER_NAMES)("%s asks and reports as planned, leaves its input alone and repeats itself", async (sampler) => {
  const plan = planSampling({ scheduler, sampler, steps: 6, strength: 0.7, karras: true });
  const start = plan.initialLatents(noise().normal(20), new Float32Array(20).fill(0.5));
  const copy = start.slice();
  const asked: number[] = [];
  const reports: StepReport[] = [];
  const counting = (x: Float32Array, timestep: number) => {
    asked.push(timestep);
    return predict(x);
  };
  const end = await sample(plan, counting, start, { noise: noise(), onStep: (report) => void reports.push(report) });
  expect(asked).toEqual(plan.timesteps);
  expect(reports.map((report) => report.step)).toEqual(Array.from({ length: plan.steps }, (_, i) => i + 1));
  expect(reports.at(-1)).toMatchObject({ total: plan.steps, latents: end });
  expect(start).toEqual(copy);
  expect(end.every(Number.isFinite)).toBe(true);
  expect(await sample(plan, predict, start, { noise: noise() })).toEqual(end);
});

test("an abort ends the run behind the step that is under way", async () => {
  const plan = planSampling({ scheduler, sampler: "k_heun", steps: 10 });
  const controller = new AbortController();
  let calls = 0;
  const counting = (x: Float32Array) => {
    calls++;
    return predict(x);
  };
  const onStep = ({ step }: StepReport) => {
    if (step === 2) controller.abort(new Error("enough"));
  };
  const run = sample(plan, counting, new Float32Array(4), { noise: noise(), onStep, signal: controller.signal });
  await expect(run).rejects.toThrow("enough");
  expect(calls).toBe(4);
});

test("an abort within a step of two evaluations spares the second", async () => {
  const plan = planSampling({ scheduler, sampler: "k_dpm_2", steps: 10 });
  const controller = new AbortController();
  let calls = 0;
  const aborting = (x: Float32Array) => {
    calls++;
    controller.abort(new Error("enough"));
    return predict(x);
  };
  await expect(sample(plan, aborting, new Float32Array(4), { noise: noise(), signal: controller.signal })).rejects.toThrow("enough");
  expect(calls).toBe(1);
});

test.each(SAMPLER_NAMES)("%s goes on with what an observer writes into the latents", async (sampler) => {
  const plan = planSampling({ scheduler, sampler, steps: 3 });
  const start = plan.initialLatents(noise().normal(16));
  const onStep = ({ step, latents }: StepReport) => void (step === 1 && latents.fill(0));
  const disturbed = await sample(plan, predict, start, { noise: noise(), onStep });
  expect(disturbed).not.toEqual(await sample(plan, predict, start, { noise: noise() }));
});

test("unipc's corrector keeps what an observer wrote", async () => {
  const plan = planSampling({ scheduler, sampler: "unipc", steps: 8 });
  const start = plan.initialLatents(noise().normal(16));
  // A model that sees no noise only scales the latents, by how much of the picture a level holds.
  const none = async (x: Float32Array) => new Float32Array(x.length);
  const onStep = ({ step, latents }: StepReport) => {
    if (step === 4) for (let i = 0; i < latents.length; i++) latents[i]! += 1;
  };
  const plain = await sample(plan, none, start, { noise: noise() });
  const changed = await sample(plan, none, start, { noise: noise(), onStep });
  const kept = (changed[0]! - plain[0]!) * plan.levels[4]!.alpha;
  expect(kept).toBeGreaterThan(0.7);
  expect(kept).toBeLessThan(1.5);
});
