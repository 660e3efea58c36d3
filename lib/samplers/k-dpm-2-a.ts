import { ancestralStep } from "./ancestral-step.js";
import type { Sampler } from "./sampler.js";
import { weightedSum } from "./vectors.js";

/**
 * DPM-Solver-2 with ancestral noise; after k-diffusion's sampler of this name. The levels alternate: step start, and the geometric
 * middle of σ and σ_down = σ'²/σ, which is σ' itself, the step's end. Each evaluation draws noise, also those that do not use it, as in
 * InvokeAI 2.3.
 */
export const sampleDpm2Ancestral: Sampler = async (x, run) => {
  const { levels } = run;
  for (let i = run.first; i < levels.length - 1; i += 2) {
    const from = levels[i]!;
    const to = levels[i + 1]!;
    const { denoised, noise } = await run.denoise(x, from);
    run.noise.normal(x.length);
    const atMiddle = weightedSum([1, x], [to.sigma - from.sigma, noise]);
    if (to.sigma === 0) {
      x = atMiddle;
    } else {
      const slope = await run.denoise(atMiddle, to);
      const { down, up } = ancestralStep(from.sigma, to.sigma);
      x = weightedSum([1, x], [down - from.sigma, slope.noise], [up, run.noise.normal(x.length)]);
    }
    await run.stepDone(x, denoised);
  }
  return x;
};
