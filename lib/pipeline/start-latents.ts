import type { GenerationJob } from "../engine/protocol.js";
import { DreamError } from "../errors.js";
import type { Extent, VaeEncoder } from "../networks/network-sessions.js";
import type { NoiseSource } from "../random/noise-source.js";
import type { NoiseLevel } from "../samplers/noise-level.js";
import type { SamplingPlan } from "../samplers/plan.js";
import { weightedSum } from "../samplers/vectors.js";
import { drawLatents, encodePicture } from "./encode-picture.js";
import { LATENT_CHANNELS, noiseOfSeed, startingNoise } from "./starting-noise.js";

/** What turns pixels into the U-Net's latents. */
export interface PictureEncoder {
  readonly vaeEncoder: VaeEncoder;
  readonly scalingFactor: number;
}

export interface StartLatents {
  /** (4, H, W), scaled for the U-Net. */
  readonly latents: Float32Array;
  /** Where the sampler goes on drawing. */
  readonly noise: NoiseSource;
  /** True when there is nothing to sample: the initial picture at strength 0. */
  readonly finished: boolean;
  /** The initial picture and the noise that lies over it; absent without one. */
  readonly original?: NoisedOriginal;
}

/** What the kept part of a picture is made of at every noise level. */
export interface NoisedOriginal {
  /** (4, H, W), scaled for the U-Net, without noise. */
  readonly latents: Float32Array;
  /** The one noise of all levels, of unit variance. */
  readonly normals: Float32Array;
}

/** @returns the original at this level: alpha · picture + sigma · noise */
export function originalAt({ latents, normals }: NoisedOriginal, { alpha, sigma }: Pick<NoiseLevel, "alpha" | "sigma">): Float32Array {
  return weightedSum([alpha, latents], [sigma, normals]);
}

/**
 * Where a picture begins: noise alone, or the latents of an initial picture under the noise of the plan's first level.
 *
 * @throws DreamError engine/failed when the initial picture has not the size of the job, and the signal's reason
 */
export async function startLatents(
  model: PictureEncoder,
  job: GenerationJob,
  plan: SamplingPlan,
  extent: Extent,
  signal?: AbortSignal,
): Promise<StartLatents> {
  const { normals, noise } = startingNoise(job, extent);
  const { init } = job;
  if (init === undefined) return { latents: plan.initialLatents(normals), noise, finished: false };
  if (init.rgb.length !== job.width * job.height * 3) {
    throw new DreamError("engine/failed", `the initial picture has not the ${job.width}×${job.height} pixels of the picture`);
  }
  const encoded = await encodePicture(model.vaeEncoder, init.rgb, job, signal);
  const latents = drawLatents(encoded, laterNormals(job, "initial picture", extent), model.scalingFactor);
  const original = { latents, normals };
  if (init.strength === 0) return { latents, noise, finished: true, original };
  return { latents: plan.initialLatents(normals, latents), noise, finished: false, original };
}

/** What is drawn behind the starting noise, in this order. */
const LATER_DRAWS = ["initial picture", "masked picture", "replacement"] as const;

/**
 * Normals from the seed's generator behind the starting noise. Those of the two pictures choose their latents from the VAE's distribution.
 * InvokeAI 2.3.5 draws the starting noise, encodes, seeds anew and draws the same noise again. All variations of a picture share the base
 * seed's, so that they differ in the noise alone.
 */
export function laterNormals(job: GenerationJob, use: (typeof LATER_DRAWS)[number], extent: Extent): Float32Array {
  const { noise } = noiseOfSeed(job, extent);
  const count = LATENT_CHANNELS * extent.height * extent.width;
  for (let earlier = 0; earlier < LATER_DRAWS.indexOf(use); earlier++) noise.normal(count);
  return noise.normal(count);
}
