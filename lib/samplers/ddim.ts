import type { Sampler } from "./sampler.js";
import { clipped, weightedSum } from "./vectors.js";

/** DDIM without noise of its own (η = 0). Song et al., arXiv 2010.02502, equation 12. */
export const sampleDdim: Sampler = async (x, run) => {
  for (let i = run.first; i < run.levels.length - 1; i++) {
    const prediction = await run.denoise(x, run.levels[i]!);
    const to = run.levels[i + 1]!;
    const denoised = run.clipSample ? clipped(prediction.denoised) : prediction.denoised;
    x = weightedSum([to.alpha, denoised], [to.sigma, prediction.noise]);
    await run.stepDone(x, denoised);
  }
  return x;
};
