import type { UNet } from "../networks/network-sessions.js";
import type { Predict } from "../samplers/denoiser.js";

export interface Guidance {
  /** (T, D): the prompt. */
  readonly positive: Float32Array;
  /** (T, D): what to steer away from; not used when `scale` is 1. */
  readonly negative: Float32Array;
  readonly scale: number;
  /** T, a multiple of 77; absent is 77. */
  readonly tokens?: number;
}

/** Extents of the latents, and how many channels the U-Net takes: 4, or 9 for inpainting models. */
export interface UNetShape {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

const LATENT_CHANNELS = 4;

/**
 * Classifier-free guidance (Ho and Salimans, arXiv 2207.12598): ε = ε_u + scale·(ε_c − ε_u), both passes in one call of batch 2. With
 * scale 1 that is ε_c, so the unconditional pass is left out.
 *
 * @param beside (channels − 4, H, W) for an inpainting U-Net; without it that is told to paint the whole picture: mask 1, no picture behind it
 */
export function guidedPredictor(
  unet: UNet,
  { positive, negative, scale, tokens }: Guidance,
  shape: UNetShape,
  beside?: Float32Array,
): Predict {
  const { channels, height, width } = shape;
  const area = height * width;
  const batch = scale === 1 ? 1 : 2;
  const context = batch === 1 ? positive : concatenate(negative, positive);
  const sample = new Float32Array(batch * channels * area);
  for (let index = 0; index < batch && channels > LATENT_CHANNELS; index++) {
    const mask = (index * channels + LATENT_CHANNELS) * area;
    if (beside === undefined) sample.fill(1, mask, mask + area);
    else sample.set(beside, mask);
  }
  return async (modelInput, timestep) => {
    for (let index = 0; index < batch; index++) sample.set(modelInput, index * channels * area);
    const output = await unet.predict(sample, timestep, context, { batch, height, width, tokens });
    if (batch === 1) return output;
    const half = output.length / 2;
    const guided = new Float32Array(half);
    for (let i = 0; i < half; i++) {
      const unconditional = output[i]!;
      guided[i] = unconditional + scale * (output[half + i]! - unconditional);
    }
    return guided;
  };
}

function concatenate(first: Float32Array, second: Float32Array): Float32Array {
  const both = new Float32Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}
