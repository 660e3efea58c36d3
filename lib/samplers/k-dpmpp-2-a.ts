import { ancestralStep } from "./ancestral-step.js";
import type { Sampler } from "./sampler.js";
import { weightedSum } from "./vectors.js";

/**
 * DPM-Solver++(2S) with ancestral noise. Lu et al., arXiv 2211.01095, algorithm 1 with r = 1/2, in sigmas (e^−h = σ'/σ) and with the
 * ancestral split of k-diffusion's sampler of this name. The middle of the deterministic part is σ' (see k-dpm-2-a.ts), so the levels
 * alternate: step start, step end.
 */
export const sampleDpmpp2sAncestral: Sampler = async (x, run) => {
  const { levels } = run;
  for (let i = run.first; i < levels.length - 1; i += 2) {
    const from = levels[i]!.sigma;
    const to = levels[i + 1]!;
    const { denoised } = await run.denoise(x, levels[i]!);
    if (to.sigma === 0) {
      x = denoised;
    } else {
      const middle = weightedSum([to.sigma / from, x], [1 - to.sigma / from, denoised]);
      const atMiddle = await run.denoise(middle, to);
      const { down, up } = ancestralStep(from, to.sigma);
      x = weightedSum([down / from, x], [1 - down / from, atMiddle.denoised], [up, run.noise.normal(x.length)]);
    }
    await run.stepDone(x, denoised);
  }
  return x;
};
