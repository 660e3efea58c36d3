import { lambda } from "./noise-level.js";
import type { Sampler } from "./sampler.js";
import { weightedSum } from "./vectors.js";

/**
 * SDE-DPM-Solver++(2M), midpoint. Lu et al., arXiv 2211.01095, section 5 and appendix C; ends first order. The noise of each step is
 * an independent draw, as in diffusers' "sde-dpmsolver++"; k-diffusion takes it from a Brownian path instead.
 */
export const sampleDpmpp2mSde: Sampler = async (x, run) => {
  const { levels } = run;
  let previous: Float32Array | undefined;
  for (let i = run.first; i < levels.length - 1; i++) {
    const from = levels[i]!;
    const to = levels[i + 1]!;
    const { denoised } = await run.denoise(x, from);
    const h = lambda(to) - lambda(from);
    let picture = denoised;
    if (previous !== undefined && to.sigma > 0) {
      const r = (lambda(from) - lambda(levels[i - 1]!)) / h;
      picture = weightedSum([1 + 1 / (2 * r), denoised], [-1 / (2 * r), previous]);
    }
    const kept = -Math.expm1(-2 * h);
    x = weightedSum(
      [(to.sigma / from.sigma) * Math.exp(-h), x],
      [to.alpha * kept, picture],
      [to.sigma * Math.sqrt(kept), run.noise.normal(x.length)],
    );
    previous = denoised;
    await run.stepDone(x, denoised);
  }
  return x;
};
