import { ancestralStep } from "./ancestral-step.js";
import type { Sampler } from "./sampler.js";
import { weightedSum } from "./vectors.js";

/** Euler's method with ancestral noise; after k-diffusion's sampler of this name. */
export const sampleEulerAncestral: Sampler = async (x, run) => {
  for (let i = run.first; i < run.levels.length - 1; i++) {
    const from = run.levels[i]!;
    const { denoised, noise } = await run.denoise(x, from);
    const { down, up } = ancestralStep(from.sigma, run.levels[i + 1]!.sigma);
    // Drawn also where `up` is 0, behind the last step: what draws next from this source depends on it, here as in diffusers.
    x = weightedSum([1, x], [down - from.sigma, noise], [up, run.noise.normal(x.length)]);
    await run.stepDone(x, denoised);
  }
  return x;
};
