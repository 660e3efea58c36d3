import type { GenerationJob } from "../engine/protocol.js";
import type { Extent } from "../networks/network-sessions.js";
import type { NoiseLevel } from "../samplers/noise-level.js";
import type { SamplingPlan } from "../samplers/plan.js";
import { inpaintingChannels, paintMask, replaceBelow, restoreKept } from "./inpaint-latents.js";
import { laterNormals, type PictureEncoder, type StartLatents } from "./start-latents.js";
import { LATENT_CHANNELS } from "./starting-noise.js";

/** How a part of an initial picture is painted. */
export interface Painting {
  /** For inpainting models: what they take beside the latents. */
  readonly channels?: Float32Array;
  /** For all others: brings the kept part of these latents back to a noise level. */
  readonly restore?: (latents: Float32Array, level: Pick<NoiseLevel, "alpha" | "sigma">) => void;
}

/** What a painting needs to know of a model. */
interface PaintingModel extends PictureEncoder {
  readonly unetChannels: number;
  readonly vaeScale: number;
}

/** The level of a picture without noise. */
export const FINISHED = { alpha: 1, sigma: 0 } as const;

/**
 * Prepares the sampling of a part of a picture. The latents to start from are changed where `-r` asks for other noise.
 *
 * @returns undefined when all of the picture is painted, or nothing
 */
export async function preparePainting(
  model: PaintingModel,
  job: GenerationJob,
  { plan, start, extent }: { readonly plan: SamplingPlan; readonly start: StartLatents; readonly extent: Extent },
): Promise<Painting | undefined> {
  const { latents, original, finished } = start;
  const { rgb, region } = job.init ?? {};
  if (rgb === undefined || region === undefined || original === undefined || finished) return undefined;
  const paint = paintMask(region.keep, job, model.vaeScale);
  if (region.replace > 0) {
    const normals = laterNormals(job, "replacement", extent);
    replaceBelow(latents, paint, { share: region.replace, normals, level: plan.levels[plan.first]! });
  }
  if (model.unetChannels > LATENT_CHANNELS)
    return { channels: await inpaintingChannels(model, job, { rgb, keep: region.keep, paint }, extent) };
  return { restore: (values, level) => restoreKept(values, paint, original, level) };
}

/** The model's prediction with the kept part as it will be, for a preview; the sampler goes on with the prediction itself. */
export function withKept(denoised: Float32Array, painting: Painting | undefined): Float32Array {
  if (painting?.restore === undefined) return denoised;
  const copy = denoised.slice();
  painting.restore(copy, FINISHED);
  return copy;
}
