import { joinFloats } from "../join-floats.js";
import type { UNet, UNetExtent } from "../networks/network-sessions.js";
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
  const passes = scale === 1 ? [positive] : [negative, positive];
  const run: Run = (sample, timestep, context, extent) => unet.predict(sample, timestep, context, { ...extent, tokens });
  return predictor(run, passes, scale, shape, beside);
}

/** One call of a U-Net. */
export type Run = (sample: Float32Array, timestep: number, context: Float32Array, extent: UNetExtent) => Promise<Float32Array>;

/**
 * Asks for several passes over the same latents in one call; the last pass, guided by the first one unless the scale is 1, is the answer.
 *
 * @param passes (T, D) each
 */
export function predictor(
  run: Run,
  passes: readonly Float32Array[],
  scale: number,
  { channels, height, width }: UNetShape,
  beside?: Float32Array,
): Predict {
  const area = height * width;
  const batch = passes.length;
  const context = joinFloats(passes);
  const sample = new Float32Array(batch * channels * area);
  for (let index = 0; index < batch && channels > LATENT_CHANNELS; index++) {
    const mask = (index * channels + LATENT_CHANNELS) * area;
    if (beside === undefined) sample.fill(1, mask, mask + area);
    else sample.set(beside, mask);
  }
  return async (modelInput, timestep) => {
    for (let index = 0; index < batch; index++) sample.set(modelInput, index * channels * area);
    const output = await run(sample, timestep, context, { batch, height, width });
    const size = output.length / batch;
    const last = output.subarray(output.length - size);
    if (scale === 1) return last;
    const guided = new Float32Array(size);
    for (let i = 0; i < size; i++) {
      const unconditional = output[i]!;
      guided[i] = unconditional + scale * (last[i]! - unconditional);
    }
    return guided;
  };
}
