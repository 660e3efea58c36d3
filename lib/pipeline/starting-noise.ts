import type { GenerationJob } from "../engine/protocol.js";
import { createNoiseSource } from "../random/create-noise-source.js";
import type { NoiseSource } from "../random/noise-source.js";
import { slerp } from "../random/slerp.js";

export interface StartingNoise {
  /** x_T before it is scaled to the first noise level. */
  readonly normals: Float32Array;
  /** Where everything that is drawn later (the noise of ancestral samplers) comes from. */
  readonly noise: NoiseSource;
}

/**
 * The noise that a picture starts from: N(seed), then for each variation slerp(weight, noise so far, N(variation's seed)).
 *
 * Later draws go on in the generator of the last variation, or of `seed` without any. The reference has one global generator, which it
 * seeds anew before each of these draws. So a picture of a series of variations and the line printed for it (`-S base -V …,seed:weight`)
 * draw the same numbers.
 *
 * @param count elements of the latents, drawn at once from each generator
 */
export function startingNoise({ rng, seed, variations }: Pick<GenerationJob, "rng" | "seed" | "variations">, count: number): StartingNoise {
  let noise = createNoiseSource(rng, seed);
  let normals = noise.normal(count);
  for (const variation of variations) {
    noise = createNoiseSource(rng, variation.seed);
    normals = slerp(variation.weight, normals, noise.normal(count));
  }
  return { normals, noise };
}
