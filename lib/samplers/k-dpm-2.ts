import type { Sampler } from "./sampler.js";
import { weightedSum } from "./vectors.js";

/**
 * DPM-Solver-2: the slope at the geometric middle of the step carries the whole step. Lu et al., arXiv 2206.00927, algorithm 1, in the
 * variables of Karras et al. as in k-diffusion. The levels alternate: step start, middle; the last step is Euler's.
 */
export const sampleDpm2: Sampler = async (x, run) => {
  const { levels } = run;
  for (let i = run.first; i < levels.length - 1; i += 2) {
    const from = levels[i]!;
    const middle = levels[i + 1]!;
    const { denoised, noise } = await run.denoise(x, from);
    const atMiddle = weightedSum([1, x], [middle.sigma - from.sigma, noise]);
    if (middle.sigma === 0) {
      x = atMiddle;
    } else {
      const slope = await run.denoise(atMiddle, middle);
      x = weightedSum([1, x], [levels[i + 2]!.sigma - from.sigma, slope.noise]);
    }
    await run.stepDone(x, denoised);
  }
  return x;
};
