import { MersenneTwister } from "./mersenne-twister.js";
import type { NoiseSource } from "./noise-source.js";

/** Tensors of at least this many elements take torch's block path, smaller ones its scalar path. */
const BLOCK = 16;
const HALF = BLOCK / 2;

/**
 * Numbers of torch's CPU generator after `torch.manual_seed(seed)`, equal to torch's to about 1e-7 (torch's own vectorised logarithm
 * and cosine differ from machine to machine in the last place).
 * Source: behaviour of ATen's `normal_` and `uniform_` on CPU; checked against torch in tests/oracles/random.
 */
export class TorchCpuNoise implements NoiseSource {
  readonly #twister: MersenneTwister;
  /** The sine half of the scalar path's last pair; like torch, it survives draws of the block path in between. */
  #spare: number | undefined;

  /** @param seed only its low 32 bits count, as in torch */
  constructor(seed: number) {
    this.#twister = MersenneTwister.fromSeed(seed);
  }

  /** `torch.randn(count)`. */
  normal(count: number): Float32Array {
    if (count < BLOCK) return Float32Array.from({ length: count }, () => this.#scalarNormal());
    const values = this.uniform(count);
    for (let start = 0; start + BLOCK <= count; start += BLOCK) boxMullerBlock(values, start);
    if (count % BLOCK !== 0) {
      // A ragged end: the last 16 values are drawn anew and overwrite part of the block before.
      values.set(this.uniform(BLOCK), count - BLOCK);
      boxMullerBlock(values, count - BLOCK);
    }
    return values;
  }

  /** `torch.rand(count)`: multiples of 2⁻²⁴ in [0, 1). */
  uniform(count: number): Float32Array {
    const values = new Float32Array(count);
    for (let i = 0; i < count; i++) values[i] = (this.#twister.nextUint32() & 0xffffff) / 0x1000000;
    return values;
  }

  #scalarNormal(): number {
    if (this.#spare !== undefined) {
      const value = this.#spare;
      this.#spare = undefined;
      return value;
    }
    const angle = 2 * Math.PI * this.#uniformDouble();
    const radius = Math.sqrt(-2 * Math.log1p(-this.#uniformDouble()));
    this.#spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  /** 53 random bits: the low 21 of one output above all 32 of the next. */
  #uniformDouble(): number {
    const high = this.#twister.nextUint32() & 0x1fffff;
    return (high * 0x100000000 + this.#twister.nextUint32()) / 2 ** 53;
  }
}

/** Turns 16 uniforms into 16 normals in place: element j pairs with j + 8; cosines go first, sines behind. */
function boxMullerBlock(values: Float32Array, start: number): void {
  for (let j = start; j < start + HALF; j++) {
    const radius = Math.sqrt(-2 * Math.log(1 - values[j]!));
    const angle = 2 * Math.PI * values[j + HALF]!;
    values[j] = radius * Math.cos(angle);
    values[j + HALF] = radius * Math.sin(angle);
  }
}
