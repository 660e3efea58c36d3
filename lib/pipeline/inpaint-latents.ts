import type { GenerationJob } from "../engine/protocol.js";
import type { Extent } from "../networks/network-sessions.js";
import type { NoiseLevel } from "../samplers/noise-level.js";
import { drawLatents, encodePicture } from "./encode-picture.js";
import { laterNormals, type NoisedOriginal, originalAt, type PictureEncoder } from "./start-latents.js";

type Amplitudes = Pick<NoiseLevel, "alpha" | "sigma">;

/** From this level on a pixel is kept. */
const KEPT = 128;

/** The level that encodes to 0: what an inpainting model sees where it paints. */
const MID_GREY = 127.5;

/**
 * What is painted, as latents see it: bilinear without smoothing, so each element is the mean of the four pixels in the middle of those
 * that it spans.
 *
 * @param keep width·height bytes, 255 keeps
 * @param size in pixels, multiples of `scale`
 * @param scale pixels per latent element, even
 * @returns (H, W): 1 paints, 0 keeps
 */
export function paintMask(keep: Uint8Array, size: Extent, scale: number): Float32Array {
  const height = size.height / scale;
  const width = size.width / scale;
  const paint = new Float32Array(height * width);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const corner = (y * scale + scale / 2 - 1) * size.width + x * scale + scale / 2 - 1;
      const below = corner + size.width;
      const kept = keep[corner]! + keep[corner + 1]! + keep[below]! + keep[below + 1]!;
      paint[y * width + x] = 1 - kept / (4 * 255);
    }
  }
  return paint;
}

/**
 * Brings the kept part of latents back to the original at a noise level: lerp(original, latents, paint). Done after each step with one and
 * the same noise, it makes a model that was trained for whole pictures paint a part (InvokeAI 2.3).
 *
 * @param latents (C, H, W), changed
 * @param paint (H, W), 1 paints
 */
export function restoreKept(latents: Float32Array, paint: Float32Array, original: NoisedOriginal, level: Amplitudes): void {
  const kept = originalAt(original, level);
  for (let i = 0; i < latents.length; i++) latents[i] = kept[i]! + paint[i % paint.length]! * (latents[i]! - kept[i]!);
}

/**
 * Puts other noise below the mask (`-r`), as the programs before InvokeAI 2.3 did: (1 − share)·latents + share·noise in the region. The noise
 * has the spread of latents at that level.
 *
 * @param latents (C, H, W) at the first level, changed
 */
export function replaceBelow(
  latents: Float32Array,
  paint: Float32Array,
  { share, normals, level }: { readonly share: number; readonly normals: Float32Array; readonly level: Amplitudes },
): void {
  const spread = Math.hypot(level.alpha, level.sigma);
  for (let i = 0; i < latents.length; i++) {
    const part = share * paint[i % paint.length]!;
    latents[i] = (1 - part) * latents[i]! + part * spread * normals[i]!;
  }
}

/**
 * The five channels that a U-Net for inpainting takes beside the latents: the mask, and the latents of the picture with mid-grey where it is
 * painted. Source: diffusers, StableDiffusionInpaintPipeline.
 *
 * @returns (5, H, W)
 */
export async function inpaintingChannels(
  model: PictureEncoder,
  job: GenerationJob,
  { rgb, keep, paint }: { readonly rgb: Uint8Array; readonly keep: Uint8Array; readonly paint: Float32Array },
  extent: Extent,
): Promise<Float32Array> {
  const visible = Float32Array.from(rgb, (level, i) => (keep[Math.floor(i / 3)]! < KEPT ? MID_GREY : level));
  const encoded = await encodePicture(model.vaeEncoder, visible, job);
  const latents = drawLatents(encoded, laterNormals(job, "masked picture", extent), model.scalingFactor);
  const channels = new Float32Array(paint.length + latents.length);
  channels.set(paint);
  channels.set(latents, paint.length);
  return channels;
}
