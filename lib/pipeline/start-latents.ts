import type { GenerationJob } from "../engine/protocol.js";
import { DreamError } from "../errors.js";
import type { Extent, VaeEncoder } from "../networks/network-sessions.js";
import type { NoiseSource } from "../random/noise-source.js";
import type { SamplingPlan } from "../samplers/plan.js";
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
}

/**
 * Where a picture begins: noise alone, or the latents of an initial picture under the noise of the plan's first level.
 *
 * @throws DreamError engine/failed when the initial picture has not the size of the job
 */
export async function startLatents(model: PictureEncoder, job: GenerationJob, plan: SamplingPlan, extent: Extent): Promise<StartLatents> {
  const { normals, noise } = startingNoise(job, extent);
  const { init } = job;
  if (init === undefined) return { latents: plan.initialLatents(normals), noise, finished: false };
  if (init.rgb.length !== job.width * job.height * 3) {
    throw new DreamError("engine/failed", `the initial picture has not the ${job.width}×${job.height} pixels of the picture`);
  }
  const encoded = await encodePicture(model.vaeEncoder, init.rgb, job);
  const latents = drawLatents(encoded, posteriorNormals(job, extent), model.scalingFactor);
  if (init.strength === 0) return { latents, noise, finished: true };
  return { latents: plan.initialLatents(normals, latents), noise, finished: false };
}

/**
 * The normals that choose the initial picture's latents from the VAE's distribution: the second draw of the seed's generator, behind the
 * starting noise. InvokeAI 2.3.5 draws the starting noise, encodes, seeds anew and draws the same noise again. All variations of a picture
 * share the base seed's, so that they differ in the noise alone.
 */
function posteriorNormals(job: GenerationJob, extent: Extent): Float32Array {
  return noiseOfSeed(job, extent).noise.normal(LATENT_CHANNELS * extent.height * extent.width);
}
