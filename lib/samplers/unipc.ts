import { lambda, type NoiseLevel } from "./noise-level.js";
import type { Sampler } from "./sampler.js";
import { weightedSum } from "./vectors.js";

/** A finished evaluation: the predicted picture and where it was made. */
interface Sighting {
  readonly denoised: Float32Array;
  readonly level: NoiseLevel;
}

/**
 * UniPC-2 with B(h) = e^h − 1 ("bh2") on the data prediction: each evaluation first corrects the step that led to it, then predicts
 * the next. Zhao et al., arXiv 2302.04867, algorithms 5 and 6; first and last step are first order as in diffusers.
 */
export const sampleUniPc: Sampler = async (x, run) => {
  const { levels } = run;
  const last = levels.length - 2;
  let stepStart = x;
  let now: Sighting | undefined;
  let before: Sighting | undefined;
  let predicted = x;
  for (let i = run.first; i <= last; i++) {
    const level = levels[i]!;
    const sighting = { denoised: (await run.denoise(x, level)).denoised, level };
    if (now !== undefined) x = withChange(correct(stepStart, sighting, now, before), predicted, x);
    before = now;
    now = sighting;
    stepStart = x;
    predicted = predict(x, levels[i + 1]!, now, i < last ? before : undefined);
    x = predicted.slice();
    await run.stepDone(x, now.denoised);
  }
  return x;
};

/** The corrector begins where the step began; what an observer wrote into the latents since then is added, so that it is not lost. */
function withChange(corrected: Float32Array, predicted: Float32Array, observed: Float32Array): Float32Array {
  if (observed.every((value, i) => value === predicted[i])) return corrected;
  return weightedSum([1, corrected], [1, observed], [-1, predicted]);
}

/** UniP: from `now` to the level `to`, second order when there is a sighting `before`. */
function predict(x: Float32Array, to: NoiseLevel, now: Sighting, before: Sighting | undefined): Float32Array {
  const { h, b, base } = exponentialStep(x, to, now);
  if (before === undefined) return weightedSum(...base);
  const r = (lambda(before.level) - lambda(now.level)) / h;
  return weightedSum(...base, [-b / (2 * r), before.denoised], [b / (2 * r), now.denoised]);
}

/** UniC: the step from `from` to `here` once more, now that the picture seen at its end is known. */
function correct(x: Float32Array, here: Sighting, from: Sighting, before: Sighting | undefined): Float32Array {
  const { h, b, base } = exponentialStep(x, here.level, from);
  if (before === undefined) return weightedSum(...base, [-b / 2, here.denoised], [b / 2, from.denoised]);
  const r = (lambda(before.level) - lambda(from.level)) / h;
  // Equation 6 of the paper, R ρ = φ/B, solved for two unknowns: R = [[1, 1], [r, 1]].
  const phi1 = Math.expm1(-h);
  const phi2 = phi1 / -h - 1;
  const phi3 = phi2 / -h - 1 / 2;
  const rhoBefore = (phi2 - 2 * phi3) / phi1 / (1 - r);
  const rhoHere = phi2 / phi1 - rhoBefore;
  return weightedSum(
    ...base,
    [(-b * rhoBefore) / r, before.denoised],
    [-b * rhoHere, here.denoised],
    [b * (rhoBefore / r + rhoHere), from.denoised],
  );
}

/** The first-order part of a step, and the factor b = α·B(h) of the differences that refine it. */
function exponentialStep(x: Float32Array, to: NoiseLevel, from: Sighting) {
  const h = lambda(to) - lambda(from.level);
  const b = to.alpha * Math.expm1(-h);
  const base = [
    [to.sigma / from.level.sigma, x],
    [-b, from.denoised],
  ] as const;
  return { h, b, base };
}
