import type { NoiseSource } from "./noise-source.js";

const ROUNDS = 10;

/**
 * Numbers of torch's CUDA generator after `torch.manual_seed(seed)`, without a GPU: Philox4x32-10 keyed by the seed, one counter for
 * each element (subsequence) and draw (offset), Box–Muller on the first two of its four words; a uniform number is the first word alone.
 * Source: Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3", SC 2011; cuRAND's documented uniform and normal mapping.
 * Holds for draws of at most as many elements as the GPU runs threads at once (its multiprocessors times 1024 to 2048; a small T4 has
 * 40,960, the latents of a 512×512 picture are 16,384). Larger draws differ from card to card.
 */
export class TorchCudaNoise implements NoiseSource {
  readonly #keyLow: number;
  readonly #keyHigh: number;
  /** How many draws went before: torch advances its offset by one counter a draw. */
  #draws = 0;

  /** @param seed an integer in [0, 2⁵³) */
  constructor(seed: number) {
    this.#keyLow = seed >>> 0;
    this.#keyHigh = Math.floor(seed / 0x100000000) >>> 0;
  }

  /** `torch.randn(count, device="cuda")`. */
  normal(count: number): Float32Array {
    const values = new Float32Array(count);
    for (let i = 0; i < count; i++) {
      const [first, second] = philox(this.#draws, i, this.#keyLow, this.#keyHigh);
      // cuRAND's maps: u in (0, 1], the angle in (0, 2π].
      const u = openUniform(first);
      const angle = openUniform(second) * 2 * Math.PI;
      values[i] = Math.sqrt(-2 * Math.log(u)) * Math.sin(angle);
    }
    this.#draws++;
    return values;
  }

  /** `torch.rand(count, device="cuda")`: cuRAND's 1 becomes 0. */
  uniform(count: number): Float32Array {
    const values = new Float32Array(count);
    for (let i = 0; i < count; i++) values[i] = openUniform(philox(this.#draws, i, this.#keyLow, this.#keyHigh)[0]);
    this.#draws++;
    return values.map((value) => (value === 1 ? 0 : value));
  }
}

/** cuRAND's map of a word to (0, 1]. */
function openUniform(word: number): number {
  return word / 2 ** 32 + 2 ** -33;
}

/** The first two words of Philox4x32-10 for the counter (offset, 0, subsequence, 0). */
function philox(offset: number, subsequence: number, keyLow: number, keyHigh: number): [number, number] {
  let c0 = offset >>> 0;
  let c1 = 0;
  let c2 = subsequence >>> 0;
  let c3 = 0;
  let k0 = keyLow;
  let k1 = keyHigh;
  for (let round = 0; round < ROUNDS; round++) {
    const high0 = multiplyHigh(0xd2511f53, c0);
    const low0 = Math.imul(0xd2511f53, c0);
    const high1 = multiplyHigh(0xcd9e8d57, c2);
    const low1 = Math.imul(0xcd9e8d57, c2);
    c0 = (high1 ^ c1 ^ k0) >>> 0;
    c1 = low1 >>> 0;
    c2 = (high0 ^ c3 ^ k1) >>> 0;
    c3 = low0 >>> 0;
    k0 = (k0 + 0x9e3779b9) >>> 0;
    k1 = (k1 + 0xbb67ae85) >>> 0;
  }
  return [c0, c1];
}

/** The upper 32 bits of the 64-bit product of two 32-bit unsigned integers, in 16-bit halves so that every sum stays exact. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const cross = aLow * bHigh + (middle % 0x10000);
  return aHigh * bHigh + Math.floor(middle / 0x10000) + Math.floor(cross / 0x10000);
}
