/**
 * A stream of random numbers. Its state persists over successive draws, as torch's generator does: first the starting noise x_T, then the
 * noise of an ancestral sampler. The length of each draw matters: two draws of 8 are not one draw of 16.
 */
export interface NoiseSource {
  /** `count` values of N(0, 1), rounded to float32. */
  normal(count: number): Float32Array;
  /** `count` values of [0, 1). */
  uniform(count: number): Float32Array;
}
