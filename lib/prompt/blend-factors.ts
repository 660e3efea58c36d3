import type { BlendPrompt } from "./tree.js";

/** A sum this small beside the largest weight is zero but for rounding. */
const NEGLIGIBLE = 1e-9;

/**
 * How much of each prompt's embedding a mixture holds: the weights, divided by their sum unless the mixture says no. Weights that add up to
 * zero have no such share; then all count the same.
 *
 * @returns one finite factor for each prompt
 */
export function blendFactors({ weights, normalize }: Pick<BlendPrompt, "weights" | "normalize">): number[] {
  if (!normalize) return [...weights];
  const { scaled, sum } = scaledSum(weights);
  return weightsCancel(weights) ? weights.map(() => 1 / weights.length) : scaled.map((weight) => weight / sum);
}

/** Whether the weights add up to zero, so that they cannot be normalised. */
export function weightsCancel(weights: readonly number[]): boolean {
  return Math.abs(scaledSum(weights).sum) <= NEGLIGIBLE;
}

/** The weights beside the largest of them, so that no sum overflows. */
function scaledSum(weights: readonly number[]): { readonly scaled: readonly number[]; readonly sum: number } {
  const largest = weights.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0);
  const scaled = weights.map((weight) => (largest === 0 ? 0 : weight / largest));
  return { scaled, sum: scaled.reduce((total, weight) => total + weight, 0) };
}
