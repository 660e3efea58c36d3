import { randomInt } from "node:crypto";
import { MersenneTwister } from "./mersenne-twister.js";

/** Seeds are drawn from [0, SEED_LIMIT): Python's `randrange(0, 2**32 - 1)`, so 2³²−1 itself is valid but never drawn. */
const SEED_LIMIT = 2 ** 32 - 1;

/** A seed that nobody can predict, in [0, 4294967294]. */
export function freshSeed(): number {
  return randomInt(SEED_LIMIT);
}

/**
 * The seed of the picture after the one with `seed` within a command: the first `randrange(0, 2**32 - 1)` of Python's `random` after
 * `random.seed(seed)`.
 * @param seed 0 … 2³²−1
 */
export function nextSeed(seed: number): number {
  const twister = MersenneTwister.fromKey([seed]);
  let value = twister.nextUint32();
  while (value >= SEED_LIMIT) value = twister.nextUint32();
  return value;
}
