/** Marsaglia's xorshift32. */
export class Xorshift {
  private state: number;

  constructor(seed: number) {
    this.state = (seed * 2654435761 + 1) >>> 0 || 1;
  }

  /** The next 32 bits as a signed number; never 0. */
  next(): number {
    let s = this.state;
    s ^= s << 13;
    s ^= s >>> 17;
    s ^= s << 5;
    this.state = s;
    return s;
  }
}

/** Standard normals by Box and Muller's method, reproducible; good enough to measure with. */
export class Float32Normals {
  private readonly random: Xorshift;

  constructor(seed: number) {
    this.random = new Xorshift(seed);
    for (let i = 0; i < 16; i++) this.random.next();
  }

  take(count: number): Float32Array {
    return Float32Array.from({ length: count }, () => {
      const radius = Math.sqrt(-2 * Math.log(this.uniform()));
      return radius * Math.cos(2 * Math.PI * this.uniform());
    });
  }

  private uniform(): number {
    return ((this.random.next() >>> 0) + 0.5) / 2 ** 32;
  }
}
