/** Σ weight · vector over vectors of equal length: summed in double precision, rounded to float32 once. */
export function weightedSum(...terms: readonly (readonly [weight: number, vector: Float32Array])[]): Float32Array {
  const sums = new Float64Array(terms[0]![1].length);
  for (const [weight, vector] of terms) {
    for (let i = 0; i < sums.length; i++) sums[i]! += weight * vector[i]!;
  }
  return Float32Array.from(sums);
}

/** Each value brought into [−1, 1], the range of pixels. */
export function clipped(vector: Float32Array): Float32Array {
  return vector.map((value) => Math.min(Math.max(value, -1), 1));
}
