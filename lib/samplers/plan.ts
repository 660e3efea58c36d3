import { DreamError } from "../errors.js";
import { CATALOGUE } from "./catalogue.js";
import { stepsOfStrength } from "./kept-steps.js";
import type { SamplerName } from "./names.js";
import type { NoiseLevel } from "./noise-level.js";
import { NoiseSchedule } from "./noise-schedule.js";
import type { SchedulerConfig } from "./scheduler-config.js";
import { weightedSum } from "./vectors.js";

export interface SamplingRequest {
  readonly scheduler: SchedulerConfig;
  readonly sampler: SamplerName;
  /** Steps of the whole schedule, 1 or more. */
  readonly steps: number;
  /** Share of the steps that is run, from the least noisy end: 1 (or absent) starts from noise alone. In [0, 1]. */
  readonly strength?: number;
  /** Karras spacing of the noise levels; ddim, plms and lcm have their own spacing and ignore it. */
  readonly karras?: boolean;
}

/** A run laid out before the model is touched. */
export interface SamplingPlan {
  readonly sampler: SamplerName;
  readonly scheduler: SchedulerConfig;
  /** The whole schedule, one level for each evaluation and the one where the run ends. */
  readonly levels: readonly NoiseLevel[];
  /** Index of the level at which this run starts. */
  readonly first: number;
  /** How often the model is asked. */
  readonly evaluations: number;
  /** How often `onStep` is called: what a progress bar counts. */
  readonly steps: number;
  /** The timestep of each evaluation, in order; the k-samplers' may be fractional. */
  readonly timesteps: readonly number[];
  /** Latents at the first level: the encoded initial image (or zeros) under `noise`, which has unit variance. */
  initialLatents(noise: Float32Array, init?: Float32Array): Float32Array;
}

/** @throws DreamError `usage/steps`, `usage/strength` */
export function planSampling(request: SamplingRequest): SamplingPlan {
  const { scheduler, sampler, steps, strength = 1, karras = false } = request;
  requireSteps(sampler, steps, scheduler.trainTimesteps);
  if (!(strength >= 0 && strength <= 1)) {
    throw new DreamError("usage/strength", `The strength ${strength} is not between 0 and 1`);
  }
  const { levels: planLevels, levelsPerStep } = CATALOGUE[sampler];
  const levels = planLevels(new NoiseSchedule(scheduler), scheduler, steps, karras);
  const skipped = steps - stepsOfStrength(steps, strength);
  // At least one evaluation remains.
  const first = Math.min(skipped * levelsPerStep, levels.length - 2);
  const evaluations = levels.length - 1 - first;
  return {
    sampler,
    scheduler,
    levels,
    first,
    evaluations,
    steps: sampler === "plms" ? Math.max(evaluations - 1, 1) : Math.ceil(evaluations / levelsPerStep),
    timesteps: levels.slice(first, -1).map((level) => level.timestep),
    initialLatents(noise, init = new Float32Array(noise.length)) {
      const { alpha, sigma } = levels[first]!;
      return weightedSum([alpha, init], [sigma, noise]);
    },
  };
}

function requireSteps(sampler: SamplerName, steps: number, trainTimesteps: number): void {
  if (!Number.isInteger(steps) || steps < 1) {
    throw new DreamError("usage/steps", `The number of steps ${steps} is not a whole number above 0`);
  }
  if (steps > trainTimesteps && !CATALOGUE[sampler].fractionalTimesteps) {
    throw new DreamError("usage/steps", `${sampler} takes at most ${trainTimesteps} steps with this model, not ${steps}`);
  }
}
