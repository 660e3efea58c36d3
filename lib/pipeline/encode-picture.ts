import { setImmediate as eventLoopTurn } from "node:timers/promises";
import type { EncodedPicture, Extent, VaeEncoder } from "../networks/network-sessions.js";

/** Up to this many pixels (512×512) a picture is encoded whole, which is a little faster; exported graphs always do. */
const LARGEST_WHOLE = 512 * 512;

/**
 * Pixels to the VAE's distribution of latents. The levels 0 … 255 become −1 … 1.
 * @param rgb width·height·3 levels, row-major
 * @param size in pixels, multiples of what a latent element spans
 * @throws the signal's reason, between two parts
 */
export async function encodePicture(
  encoder: VaeEncoder,
  rgb: ArrayLike<number>,
  size: Extent,
  signal?: AbortSignal,
): Promise<EncodedPicture> {
  const area = size.height * size.width;
  const planes = new Float32Array(3 * area);
  for (let channel = 0; channel < 3; channel++) {
    for (let i = 0; i < area; i++) planes[channel * area + i] = (rgb[i * 3 + channel]! / 255) * 2 - 1;
  }
  if (area <= LARGEST_WHOLE || encoder.encodeInBands === undefined) return encoder.encode(planes, size);
  return encoder.encodeInBands(planes, size, async () => {
    await eventLoopTurn();
    signal?.throwIfAborted();
  });
}

/**
 * Latents for the U-Net out of the VAE's distribution: (mean + σ·normals)·scalingFactor. Kingma and Welling, arXiv 1312.6114, section 2.4.
 * @param normals as many as there are latent elements
 */
export function drawLatents({ mean, logvar }: EncodedPicture, normals: Float32Array, scalingFactor: number): Float32Array {
  return mean.map((value, i) => (value + Math.exp(0.5 * logvar[i]!) * normals[i]!) * scalingFactor);
}
