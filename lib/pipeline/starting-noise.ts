import type { GenerationJob } from "../engine/protocol.js";
import type { Extent } from "../networks/network-sessions.js";
import { createNoiseSource } from "../random/create-noise-source.js";
import type { NoiseSource } from "../random/noise-source.js";
import { perlinNoise } from "../random/perlin.js";
import { slerp } from "../random/slerp.js";
import { TorchCpuNoise } from "../random/torch-cpu-noise.js";

export const LATENT_CHANNELS = 4;

export interface StartingNoise {
  /** x_T before it is scaled to the first noise level. */
  readonly normals: Float32Array;
  /** Where everything that is drawn later (the noise of ancestral samplers) comes from. */
  readonly noise: NoiseSource;
}

/** What a job says about its noise. */
export type NoiseWish = Pick<GenerationJob, "rng" | "seed" | "variations" | "perlin">;

/**
 * The noise that a picture starts from: N(seed), then for each variation slerp(weight, noise so far, N(variation's seed)).
 *
 * Later draws go on in the generator of the last variation, or of `seed` without any. The reference has one global generator, which it
 * seeds anew before each of these draws. So a picture of a series of variations and the line printed for it (`-S base -V …,seed:weight`)
 * draw the same numbers.
 *
 * @param extent of the latents, which are drawn at once from each generator
 */
export function startingNoise({ rng, seed, variations, perlin }: NoiseWish, extent: Extent): StartingNoise {
  let { normals, noise } = noiseOfSeed({ rng, seed, perlin }, extent);
  for (const { seed: other, weight } of variations) {
    const mixedIn = noiseOfSeed({ rng, seed: other, perlin }, extent);
    noise = mixedIn.noise;
    normals = slerp(weight, normals, mixedIn.normals);
  }
  return { normals, noise };
}

/**
 * N(seed): normals, of which a share is replaced by gradient noise that is drawn behind them, as InvokeAI 2.3.5 does. It draws the angles of
 * that noise on the processor even where the normals come from a GPU, whose generator has the same seed.
 */
export function noiseOfSeed({ rng, seed, perlin = 0 }: Omit<NoiseWish, "variations">, { height, width }: Extent): StartingNoise {
  const noise = createNoiseSource(rng, seed);
  const normals = noise.normal(LATENT_CHANNELS * height * width);
  if (perlin === 0) return { normals, noise };
  const sheets = perlinNoise(rng === "cpu" ? noise : new TorchCpuNoise(seed), LATENT_CHANNELS, height, width);
  // Products of 32-bit floats, as in slerp.
  const [plain, woven] = [Math.fround(1 - perlin), Math.fround(perlin)];
  return { normals: normals.map((value, i) => Math.fround(plain * value) + Math.fround(woven * sheets[i]!)), noise };
}
