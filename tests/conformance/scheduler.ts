import { createNoiseSource } from "../../lib/random/create-noise-source.js";
import { resolveSampler } from "../../lib/samplers/names.js";
import type { NoiseLevel } from "../../lib/samplers/noise-level.js";
import { planSampling } from "../../lib/samplers/plan.js";
import { sample } from "../../lib/samplers/sample.js";
import { STABLE_DIFFUSION_SCHEDULE } from "../../lib/samplers/scheduler-config.js";
import type { CaseResult, ConformanceKind } from "./kind.js";

/** A run of a reference scheduler: what the file says and what we compute. */
interface Trajectory {
  readonly timesteps: readonly number[];
  readonly x_init: readonly number[];
  readonly x_final: readonly number[];
  readonly sigmas?: readonly number[];
}

/** Allowed distance: relative to the expected value, plus half a unit in the last decimal where the file prints only 4 or 5 of them. */
const TOLERANCES: Readonly<Record<keyof Trajectory, { readonly relative: number; readonly absolute: number }>> = {
  timesteps: { relative: 1e-5, absolute: 5e-5 },
  sigmas: { relative: 1e-5, absolute: 5e-6 },
  x_init: { relative: 1e-4, absolute: 0 },
  x_final: { relative: 1e-4, absolute: 0 },
};

const NOISE = Float32Array.of(0.5, -1, 1.5, -0.25);
const INIT = Float32Array.of(0.2, 0.1, -0.3, 0.4);
const ANCESTRAL_SEED = 7;

/** KIND `scheduler`: `{"vectors": {SAMPLER: {"STEPS" or "STEPS@STRENGTH": trajectory}}}`. */
export const runSchedulerCases: ConformanceKind = async (text) => {
  const file = JSON.parse(text) as { readonly vectors?: Record<string, Record<string, Trajectory>> };
  if (file.vectors === undefined) throw new Error('not a scheduler file: there is no "vectors"');
  const cases = Object.entries(file.vectors).flatMap(([sampler, runs]) => Object.entries(runs).map((run) => [sampler, ...run] as const));
  return Promise.all(cases.map(([sampler, key, expected]) => runCase(sampler, key, expected)));
};

async function runCase(sampler: string, key: string, expected: Trajectory): Promise<CaseResult> {
  const name = `${sampler} ${key}`;
  try {
    const got = await trajectory(sampler, key);
    for (const part of ["timesteps", "sigmas", "x_init", "x_final"] as const) {
      const want = expected[part];
      if (want !== undefined && !close(got[part], want, TOLERANCES[part])) {
        return { name: `${name} ${part}`, difference: { expected: want, got: got[part] } };
      }
    }
    return { name };
  } catch (error) {
    return { name, difference: { expected: "a trajectory", got: String(error) } };
  }
}

/** Runs the file's stand-in for a model, eps(x, t) = tanh(x/2) + sin(t/100)/10. */
async function trajectory(sampler: string, key: string): Promise<Required<Trajectory>> {
  const [steps, strength] = key.split("@").map(Number);
  const plan = planSampling({ scheduler: STABLE_DIFFUSION_SCHEDULE, sampler: resolveSampler(sampler), steps: steps!, strength });
  const start = plan.initialLatents(NOISE, strength === undefined ? undefined : INIT);
  const predict = async (x: Float32Array, t: number) => x.map((value) => Math.tanh(value / 2) + Math.sin(t / 100) / 10);
  const end = await sample(plan, predict, start, { noise: createNoiseSource("cpu", ANCESTRAL_SEED) });
  return { timesteps: plan.timesteps, sigmas: diffusersSigmas(sampler, plan.levels), x_init: [...start], x_final: [...end] };
}

/**
 * The sigmas as diffusers lists them: samplers with two evaluations a step repeat the step's end in place of the level between, and
 * the two dpm_2 samplers carry two zeros more.
 */
function diffusersSigmas(sampler: string, levels: readonly NoiseLevel[]): number[] {
  if (sampler !== "k_dpm_2" && sampler !== "k_dpm_2_a") return levels.map((level) => level.sigma);
  const sigmas = levels.map((level, i) => (i % 2 === 1 && i < levels.length - 1 ? levels[i + 1]!.sigma : level.sigma));
  return [...sigmas, 0, 0];
}

function close(
  got: readonly number[],
  expected: readonly number[],
  { relative, absolute }: (typeof TOLERANCES)[keyof Trajectory],
): boolean {
  return (
    got.length === expected.length &&
    got.every((value, i) => Math.abs(value - expected[i]!) <= relative * Math.abs(expected[i]!) + absolute)
  );
}
