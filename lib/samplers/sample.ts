import type { NoiseSource } from "../random/noise-source.js";
import { CATALOGUE } from "./catalogue.js";
import { createDenoiser, type Denoiser, type Predict } from "./denoiser.js";
import type { NoiseLevel } from "./noise-level.js";
import type { SamplingPlan } from "./plan.js";

/** A finished step. */
export interface StepReport {
  /** 1 … total. */
  readonly step: number;
  /** The plan's `steps`. */
  readonly total: number;
  /** The latents behind this step. What the observer writes into them is what the sampler goes on with. */
  readonly latents: Float32Array;
  /** The picture that the model saw in them, as latents: fit for a preview. */
  readonly denoised: Float32Array;
  /** Where the step's last evaluation was made. */
  readonly level: NoiseLevel;
}

export interface SampleOptions {
  /** Where ancestral and SDE samplers draw their noise, after the starting noise was drawn from it. */
  readonly noise: NoiseSource;
  /** Called, and awaited, after each step. */
  readonly onStep?: (report: StepReport) => void | Promise<void>;
  readonly signal?: AbortSignal;
}

/**
 * Runs a plan: from the latents of `plan.initialLatents` to latents for the VAE (not yet divided by its scaling factor).
 * @param predict the guided U-Net; its failures pass through
 * @param latents not changed
 * @throws the signal's reason, before the next evaluation or after the step that was under way
 */
export async function sample(plan: SamplingPlan, predict: Predict, latents: Float32Array, options: SampleOptions): Promise<Float32Array> {
  const { noise, onStep, signal } = options;
  let step = 0;
  let last = plan.levels[plan.first]!;
  const ask = createDenoiser(predict, plan.scheduler.predictionType, signal);
  const denoise: Denoiser = (input, level) => {
    last = level;
    return ask(input, level);
  };
  return CATALOGUE[plan.sampler].run(latents, {
    denoise,
    levels: plan.levels,
    first: plan.first,
    noise,
    clipSample: plan.scheduler.clipSample,
    async stepDone(behind, denoised) {
      step++;
      await onStep?.({ step, total: plan.steps, latents: behind, denoised, level: last });
      signal?.throwIfAborted();
    },
  });
}
