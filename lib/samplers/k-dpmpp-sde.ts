import { ancestralStep } from "./ancestral-step.js";
import type { Sampler } from "./sampler.js";
import { weightedSum } from "./vectors.js";

/**
 * SDE-DPM-Solver++ in single steps (r = 1/2): both the way to the geometric middle and the whole step split off ancestral noise;
 * after k-diffusion's `dpmpp_sde`. The levels alternate: step start, middle. The two draws of a step are independent here; in
 * k-diffusion they are increments of one Brownian path.
 */
export const sampleDpmppSde: Sampler = async (x, run) => {
  const { levels } = run;
  for (let i = run.first; i < levels.length - 1; i += 2) {
    const from = levels[i]!.sigma;
    const middle = levels[i + 1]!;
    const { denoised } = await run.denoise(x, levels[i]!);
    if (middle.sigma === 0) {
      x = denoised;
    } else {
      const half = stochasticStep(x, denoised, from, middle.sigma, run.noise.normal(x.length));
      const atMiddle = await run.denoise(half, middle);
      x = stochasticStep(x, atMiddle.denoised, from, levels[i + 2]!.sigma, run.noise.normal(x.length));
    }
    await run.stepDone(x, denoised);
  }
  return x;
};

function stochasticStep(x: Float32Array, denoised: Float32Array, from: number, to: number, noise: Float32Array): Float32Array {
  const { down, up } = ancestralStep(from, to);
  return weightedSum([down / from, x], [1 - down / from, denoised], [up, noise]);
}
