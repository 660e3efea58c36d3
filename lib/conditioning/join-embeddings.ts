/** A sum of embeddings of one size that grows part by part, so that no more than one of them is in memory; formed in double precision. */
export class EmbeddingSum {
  #sum: Float64Array | undefined;

  add(part: Float32Array, factor: number): void {
    this.#sum ??= new Float64Array(part.length);
    const sum = this.#sum;
    for (let i = 0; i < sum.length; i++) sum[i]! += factor * (part[i] as number);
  }

  /** @param divisor of the whole sum */
  result(divisor = 1): Float32Array {
    return Float32Array.from(this.#sum ?? [], (value) => value / divisor);
  }
}
