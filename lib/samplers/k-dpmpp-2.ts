import { lambda } from "./noise-level.js";
import type { Sampler } from "./sampler.js";
import { weightedSum } from "./vectors.js";

/** Runs with fewer levels than this end with a first-order step, which steadies them. */
const SHORT_RUN = 15;

/** DPM-Solver++(2M), midpoint. Lu et al., arXiv 2211.01095, algorithm 2; first order at both ends as in diffusers. */
export const sampleDpmpp2m: Sampler = async (x, run) => {
  const { levels } = run;
  const last = levels.length - 2;
  let previous: Float32Array | undefined;
  for (let i = run.first; i <= last; i++) {
    const from = levels[i]!;
    const to = levels[i + 1]!;
    const { denoised } = await run.denoise(x, from);
    const h = lambda(to) - lambda(from);
    const firstOrder = i === last && (last + 1 < SHORT_RUN || to.sigma === 0);
    let picture = denoised;
    if (previous !== undefined && !firstOrder) {
      const r = (lambda(from) - lambda(levels[i - 1]!)) / h;
      picture = weightedSum([1 + 1 / (2 * r), denoised], [-1 / (2 * r), previous]);
    }
    x = weightedSum([to.sigma / from.sigma, x], [-to.alpha * Math.expm1(-h), picture]);
    previous = denoised;
    await run.stepDone(x, denoised);
  }
  return x;
};
