import type { NoiseLevel } from "./noise-level.js";
import type { Sampler } from "./sampler.js";
import { weightedSum } from "./vectors.js";

/** Adams–Bashforth weights for the newest 1 to 4 predictions, newest first. */
const WEIGHTS = [[1], [3 / 2, -1 / 2], [23 / 12, -16 / 12, 5 / 12], [55 / 24, -59 / 24, 37 / 24, -9 / 24]] as const;

/**
 * Pseudo linear multistep. Liu et al., "Pseudo Numerical Methods for Diffusion Models on Manifolds", arXiv 2202.09778, without its
 * Runge–Kutta start: the second evaluation corrects the first step (pseudo improved Euler) instead.
 *
 * A run that starts in the middle does the same with its own first two levels, although they differ there (the schedule repeats only
 * its second level). That is what InvokeAI 2.3 did: one evaluation more than steps, and the level behind the second is skipped.
 */
export const samplePlms: Sampler = async (x, run) => {
  const { levels, first } = run;
  const start = x;
  const noises: Float32Array[] = [];
  for (let i = first; i < levels.length - 1; i++) {
    const level = levels[i]!;
    const { denoised, noise } = await run.denoise(x, level);
    if (i === first + 1) {
      const mean = weightedSum([1 / 2, noise], [1 / 2, noises[0]!]);
      x = transfer(start, mean, levels.findLast((above) => above.sigma > level.sigma) ?? level, level);
    } else {
      noises.unshift(noise);
      noises.splice(WEIGHTS.length);
      const weights = WEIGHTS[noises.length - 1]!;
      const slope = weightedSum(...noises.map((past, k) => [weights[k]!, past] as const));
      x = transfer(x, slope, level, levels.slice(i + 1).find((below) => below.sigma < level.sigma) ?? level);
    }
    if (i > first || levels.length - 1 - first === 1) await run.stepDone(x, denoised);
  }
  return x;
};

/** Equation 9 of the paper: moves `x` between two levels along one noise prediction. */
function transfer(x: Float32Array, noise: Float32Array, from: NoiseLevel, to: NoiseLevel): Float32Array {
  const ratio = to.alpha / from.alpha;
  return weightedSum([ratio, x], [to.sigma - ratio * from.sigma, noise]);
}
