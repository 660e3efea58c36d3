/**
 * Whole numbers as `numpy.random.default_rng(seed).integers` draws them: a seed sequence fills the state of PCG64, whose 64 bits are used in
 * halves. M. O'Neill, "PCG" (HMC-CS-2014-0905), XSL RR 128/64; D. Lemire, "Fast random integer generation in an interval" (arXiv 1805.10941).
 */
export class NumpyPcg64 {
  private state: bigint;
  private readonly increment: bigint;
  private half: number | undefined;

  /** @param seed 0 … 2³²−1 */
  constructor(seed: number) {
    const [stateHigh, stateLow, sequenceHigh, sequenceLow] = seedWords(seed) as [bigint, bigint, bigint, bigint];
    this.increment = ((((sequenceHigh << 64n) | sequenceLow) << 1n) & MASK_128) | 1n;
    this.state = 0n;
    this.advance();
    this.state = (this.state + ((stateHigh << 64n) | stateLow)) & MASK_128;
    this.advance();
  }

  /** A whole number from 0 to below `end`, which is 1 … 2³²−1. */
  below(end: number): number {
    if (end === 1) return 0;
    const range = BigInt(end);
    const threshold = (2n ** 32n - range) % range;
    for (;;) {
      const product = BigInt(this.next32()) * range;
      if ((product & MASK_32) >= threshold) return Number(product >> 32n);
    }
  }

  private next32(): number {
    const kept = this.half;
    this.half = undefined;
    if (kept !== undefined) return kept;
    const bits = this.next64();
    this.half = Number(bits >> 32n);
    return Number(bits & MASK_32);
  }

  private next64(): bigint {
    this.advance();
    const folded = (this.state >> 64n) ^ (this.state & MASK_64);
    const turn = this.state >> 122n;
    return ((folded >> turn) | (folded << (64n - turn))) & MASK_64;
  }

  private advance(): void {
    this.state = (this.state * MULTIPLIER + this.increment) & MASK_128;
  }
}

const MASK_32 = 0xffff_ffffn;
const MASK_64 = 2n ** 64n - 1n;
const MASK_128 = 2n ** 128n - 1n;
const MULTIPLIER = 0x2360ed051fc65da44385df649fccf645n;

const POOL_WORDS = 4;

/** Four words of 64 bits from numpy's SeedSequence (after M. O'Neill's seed_seq_fe). */
function seedWords(seed: number): bigint[] {
  const scramble = scrambler(0x43b0d7e5, 0x931e8875);
  const pool = Array.from({ length: POOL_WORDS }, (_, i) => scramble(i === 0 ? seed : 0));
  for (let from = 0; from < POOL_WORDS; from++) {
    for (let to = 0; to < POOL_WORDS; to++) {
      if (from === to) continue;
      const mixed = (Math.imul(pool[to]!, 0xca01f9dd) - Math.imul(scramble(pool[from]!), 0x4973f715)) >>> 0;
      pool[to] = (mixed ^ (mixed >>> 16)) >>> 0;
    }
  }
  const spread = scrambler(0x8b51f9dd, 0x58f38ded);
  const words = Array.from({ length: 2 * POOL_WORDS }, (_, i) => BigInt(spread(pool[i % POOL_WORDS]!)));
  return Array.from({ length: POOL_WORDS }, (_, i) => words[2 * i]! | (words[2 * i + 1]! << 32n));
}

/** A hash of 32 bits whose constant moves on with every call. */
function scrambler(constant: number, multiplier: number): (value: number) => number {
  let current = constant;
  return (value) => {
    const mixed = value ^ current;
    current = Math.imul(current, multiplier);
    const scaled = Math.imul(mixed, current) >>> 0;
    return (scaled ^ (scaled >>> 16)) >>> 0;
  };
}
