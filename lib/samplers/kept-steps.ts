/**
 * How many of a schedule's steps are run on an initial picture: the last ⌊steps·strength⌋. Where that is none, the sampler still evaluates
 * its last level.
 *
 * The product is floored as floating-point arithmetic gives it: 50 steps at 0.58 are 28, as in InvokeAI 2.3.
 *
 * @param steps of the whole schedule, 1 or more
 * @param strength 0 … 1; 1 keeps them all
 */
export function stepsOfStrength(steps: number, strength: number): number {
  return Math.floor(steps * strength);
}
