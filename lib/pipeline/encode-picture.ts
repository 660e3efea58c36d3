import type { Extent, VaeEncoder } from "../networks/network-sessions.js";

/** A picture as the VAE sees it: a normal distribution for every latent element, as it is kept in a model's files. */
export interface EncodedPicture {
  /** Each (4, H, W), not yet multiplied by the scaling factor. */
  readonly mean: Float32Array;
  readonly logvar: Float32Array;
}

/**
 * Pixels to the VAE's distribution of latents. The levels 0 … 255 become −1 … 1.
 * @param rgb width·height·3 levels, row-major
 * @param size in pixels, multiples of what a latent element spans
 */
export async function encodePicture(encoder: VaeEncoder, rgb: ArrayLike<number>, size: Extent): Promise<EncodedPicture> {
  const area = size.height * size.width;
  const planes = new Float32Array(3 * area);
  for (let channel = 0; channel < 3; channel++) {
    for (let i = 0; i < area; i++) planes[channel * area + i] = (rgb[i * 3 + channel]! / 255) * 2 - 1;
  }
  return encoder.encode(planes, size);
}

/**
 * Latents for the U-Net out of the VAE's distribution: (mean + σ·normals)·scalingFactor. Kingma and Welling, arXiv 1312.6114, section 2.4.
 * @param normals as many as there are latent elements
 */
export function drawLatents({ mean, logvar }: EncodedPicture, normals: Float32Array, scalingFactor: number): Float32Array {
  return mean.map((value, i) => (value + Math.exp(0.5 * logvar[i]!) * normals[i]!) * scalingFactor);
}
