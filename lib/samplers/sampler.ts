import type { NoiseSource } from "../random/noise-source.js";
import type { Denoiser } from "./denoiser.js";
import type { NoiseLevel } from "./noise-level.js";

/** What a sampler works with. */
export interface SamplerRun {
  readonly denoise: Denoiser;
  /** The levels of the whole schedule, one for each evaluation, then the one where the run ends. */
  readonly levels: readonly NoiseLevel[];
  /** Index of the level at which the latents stand: above 0 when an initial image replaces the first steps. */
  readonly first: number;
  readonly noise: NoiseSource;
  /** Clip the predicted picture to [−1, 1]; of use for pixel-space models only. */
  readonly clipSample: boolean;
  /** Reports the latents behind a step; the sampler goes on with what the observer leaves in them. */
  stepDone(latents: Float32Array, denoised: Float32Array): Promise<void>;
}

/** One algorithm: from latents at `levels[first]` to latents at the last level. Does not change the array it is given. */
export type Sampler = (latents: Float32Array, run: SamplerRun) => Promise<Float32Array>;
