import type { NoiseLevel } from "./noise-level.js";
import type { SchedulerConfig } from "./scheduler-config.js";
import { weightedSum } from "./vectors.js";

/**
 * The guided raw output of the U-Net (epsilon or v) for an input of unit variance.
 * @param timestep whole or fractional
 */
export type Predict = (modelInput: Float32Array, timestep: number) => Promise<Float32Array>;

/** How a noisy latent splits: latent = alpha · denoised + sigma · noise. */
export interface Prediction {
  /** x₀ of the papers. */
  readonly denoised: Float32Array;
  /** ε of the papers. */
  readonly noise: Float32Array;
}

/** What a sampler asks of the model, whatever the model was trained to predict. */
export type Denoiser = (latents: Float32Array, level: NoiseLevel) => Promise<Prediction>;

/**
 * Wraps a U-Net into a denoiser. For v-prediction see Salimans and Ho, arXiv 2202.00512, appendix D.
 * The denoiser throws the signal's reason instead of starting another evaluation.
 */
export function createDenoiser(predict: Predict, type: SchedulerConfig["predictionType"], signal?: AbortSignal): Denoiser {
  return async (latents, level) => {
    signal?.throwIfAborted();
    // The U-Net knows latents of unit variance only; the k-samplers' are larger.
    const scale = Math.hypot(level.alpha, level.sigma);
    const alpha = level.alpha / scale;
    const sigma = level.sigma / scale;
    const input = weightedSum([1 / scale, latents]);
    const output = await predict(input, level.timestep);
    if (type === "epsilon") return { denoised: weightedSum([1 / alpha, input], [-sigma / alpha, output]), noise: output };
    return { denoised: weightedSum([alpha, input], [-sigma, output]), noise: weightedSum([alpha, output], [sigma, input]) };
  };
}
