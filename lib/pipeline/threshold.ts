import type { NoiseSource } from "../random/noise-source.js";
import type { StepProgress } from "./step-options.js";

/** Share of the steps over which the limit falls from six times its value to its value. */
const WARM_UP = 0.2;
/** What is too large is brought below this share of the largest value. */
const SHARE_OF_EXTREME = 0.7;

/**
 * The limit behind a step, InvokeAI 2.3.5's warm-up included.
 * @param limit of the values' size, above 0
 */
export function limitAt(limit: number, { step, total }: StepProgress): number {
  const passed = (step - 1) / total;
  return passed < WARM_UP ? limit + limit * 5 * (1 - passed / WARM_UP) : limit;
}

/**
 * Keeps latents within ±limit, as InvokeAI 2.3.5 does: where the largest value exceeds the limit, everything above 0.7 of it (between 1 and
 * the limit) becomes a random share of that; in the same way below zero. In place.
 *
 * @param noise drawn from for the values that are replaced, in their order: the generator that the sampler draws from, as the reference has
 *   one for both
 */
export function applyThreshold(latents: Float32Array, limit: number, noise: NoiseSource): void {
  const { least, most } = extremes(latents);
  // The bounds of numpy's clip(·, 1, limit) and clip(·, −limit, −1): below a limit of 1 the upper one wins, so the two sides differ there.
  if (most > limit) replaceBeyond(latents, Math.min(Math.max(most * SHARE_OF_EXTREME, 1), limit), noise);
  if (-least > limit) replaceBeyond(latents, Math.min(Math.max(least * SHARE_OF_EXTREME, -limit), -1), noise);
}

/** Replaces what lies further from 0 than `cut`, on its side of it, by random shares of `cut`. */
function replaceBeyond(latents: Float32Array, cut: number, noise: NoiseSource): void {
  // Both are 32-bit floats in an array library, where a number meets a float tensor.
  const bound = Math.fround(cut);
  const isBeyond = (value: number) => (bound > 0 ? value > bound : value < bound);
  const shares = noise.uniform(latents.reduce((count, value) => count + (isBeyond(value) ? 1 : 0), 0));
  let next = 0;
  for (const [i, value] of latents.entries()) {
    if (isBeyond(value)) latents[i] = shares[next++]! * bound;
  }
}

function extremes(latents: Float32Array): { readonly least: number; readonly most: number } {
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (const value of latents) {
    if (value < least) least = value;
    if (value > most) most = value;
  }
  return { least, most };
}
