/**
 * MT19937, the generator behind torch's CPU noise and Python's `random`: the same recurrence, seeded in two ways.
 * Source: Matsumoto and Nishimura, "Mersenne Twister", ACM TOMACS 8(1), 1998, and the authors' 2002 initialisation.
 */
const N = 624;
const M = 397;

export class MersenneTwister {
  readonly #state: Uint32Array;
  #next = N;

  private constructor(state: Uint32Array) {
    this.#state = state;
  }

  /** Seeding of torch and std::mt19937 (`init_genrand`): only the low 32 bits of `seed` count. */
  static fromSeed(seed: number): MersenneTwister {
    const state = new Uint32Array(N);
    state[0] = seed >>> 0;
    for (let i = 1; i < N; i++) {
      const previous = state[i - 1]!;
      state[i] = Math.imul(1812433253, previous ^ (previous >>> 30)) + i;
    }
    return new MersenneTwister(state);
  }

  /** Seeding of Python's `random.seed(n)` (`init_by_array`); `key` holds the 32-bit words of n, lowest first. */
  static fromKey(key: readonly number[]): MersenneTwister {
    const state = MersenneTwister.fromSeed(19650218).#state;
    let i = 1;
    let j = 0;
    for (let k = Math.max(N, key.length); k > 0; k--) {
      const previous = state[i - 1]!;
      state[i] = (state[i]! ^ Math.imul(1664525, previous ^ (previous >>> 30))) + (key[j]! >>> 0) + j;
      if (++i === N) {
        state[0] = state[N - 1]!;
        i = 1;
      }
      j = (j + 1) % key.length;
    }
    for (let k = N - 1; k > 0; k--) {
      const previous = state[i - 1]!;
      state[i] = (state[i]! ^ Math.imul(1566083941, previous ^ (previous >>> 30))) - i;
      if (++i === N) {
        state[0] = state[N - 1]!;
        i = 1;
      }
    }
    state[0] = 0x80000000;
    return new MersenneTwister(state);
  }

  /** The next output, an integer in [0, 2³²). */
  nextUint32(): number {
    if (this.#next === N) this.#refill();
    let y = this.#state[this.#next++]!;
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    y ^= y >>> 18;
    return y >>> 0;
  }

  #refill(): void {
    const state = this.#state;
    for (let k = 0; k < N; k++) {
      const y = (state[k]! & 0x80000000) | (state[(k + 1) % N]! & 0x7fffffff);
      state[k] = state[(k + M) % N]! ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
    }
    this.#next = 0;
  }
}
