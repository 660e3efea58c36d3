import type { Sampler } from "./sampler.js";
import { weightedSum } from "./vectors.js";

/** Heun's method. Karras et al., arXiv 2206.00364, algorithm 2 without churn. The levels alternate: step start, step end. */
export const sampleHeun: Sampler = async (x, run) => {
  const { levels } = run;
  for (let i = run.first; i < levels.length - 1; i += 2) {
    const from = levels[i]!;
    const to = levels[i + 1]!;
    const { denoised, noise } = await run.denoise(x, from);
    const change = to.sigma - from.sigma;
    const euler = weightedSum([1, x], [change, noise]);
    if (to.sigma === 0) {
      x = euler;
    } else {
      const end = await run.denoise(euler, to);
      x = weightedSum([1, x], [change / 2, noise], [change / 2, end.noise]);
    }
    await run.stepDone(x, denoised);
  }
  return x;
};
