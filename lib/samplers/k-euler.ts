import type { Sampler } from "./sampler.js";
import { weightedSum } from "./vectors.js";

/** Euler's method. Karras et al., arXiv 2206.00364, algorithm 2 without churn and without the second-order correction. */
export const sampleEuler: Sampler = async (x, run) => {
  for (let i = run.first; i < run.levels.length - 1; i++) {
    const from = run.levels[i]!;
    const to = run.levels[i + 1]!;
    const { denoised, noise } = await run.denoise(x, from);
    x = weightedSum([1, x], [to.sigma - from.sigma, noise]);
    await run.stepDone(x, denoised);
  }
  return x;
};
