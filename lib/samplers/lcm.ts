import type { Sampler } from "./sampler.js";
import { clipped, weightedSum } from "./vectors.js";

/** σ_data of the consistency model's boundary condition. */
const SIGMA_DATA = 0.5;
const TIMESTEP_SCALING = 10;

/**
 * Multistep consistency sampling for models distilled as latent consistency models: predict the picture, add fresh noise of the next
 * level. Luo et al., arXiv 2310.04378, algorithm 3; c_skip and c_out as in its appendix. The last step adds none.
 */
export const sampleLcm: Sampler = async (x, run) => {
  for (let i = run.first; i < run.levels.length - 1; i++) {
    const level = run.levels[i]!;
    const to = run.levels[i + 1]!;
    const prediction = await run.denoise(x, level);
    const time = level.timestep * TIMESTEP_SCALING;
    const skip = SIGMA_DATA ** 2 / (time ** 2 + SIGMA_DATA ** 2);
    const out = time / Math.sqrt(time ** 2 + SIGMA_DATA ** 2);
    const picture = run.clipSample ? clipped(prediction.denoised) : prediction.denoised;
    const denoised = weightedSum([out, picture], [skip, x]);
    x = to.sigma === 0 ? denoised : weightedSum([to.alpha, denoised], [to.sigma, run.noise.normal(x.length)]);
    await run.stepDone(x, denoised);
  }
  return x;
};
