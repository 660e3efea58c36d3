import { join } from "node:path";
import type { WeightSource } from "../checkpoints/tensor.js";
import { DreamError } from "../errors.js";
import type { PreviewDecoderConfig } from "../networks/preview-decoder.js";
import { openComponentWeights } from "./component-weights.js";
import { ConfigReader } from "./config-reader.js";

/** A small decoder for previews, before any graph of it exists. */
export interface PreviewDecoderFiles {
  readonly config: PreviewDecoderConfig;
  readonly weights: WeightSource;
}

/** Nothing published is wider or deeper. */
const LARGEST = { channels: 512, blocks: 32 };
const LATENT_CHANNELS = 4;
/** Doublings between latents and pixels: an element of the latents is 8 pixels wide. */
const DOUBLINGS = 3;

/**
 * Reads a small decoder in diffusers' layout: a folder with the `config.json` of an `AutoencoderTiny` and its weights. An encoder beside it
 * is not looked at.
 *
 * @param folder absolute path
 * @throws DreamError model/unsupported, model/config, model/missing-file, file/*, and what the safetensors reader throws
 */
export async function openPreviewDecoder(folder: string): Promise<PreviewDecoderFiles> {
  const config = await ConfigReader.open(join(folder, "config.json"));
  config.only("_class_name", "AutoencoderTiny");
  config.only("act_fn", "relu");
  config.only("upsample_fn", "nearest");
  config.only("upsampling_scaling_factor", 2);
  config.only("latent_channels", LATENT_CHANNELS);
  config.only("out_channels", 3);
  const widths = config.integers("decoder_block_out_channels", [64, 64, 64, 64]);
  const blocks = config.integers("num_decoder_blocks", [3, 3, 3, 1], 0);
  const [channels = 0] = widths;
  if (widths.some((width) => width !== channels)) throw unsupported(folder, "the channels of its levels differ");
  if (channels > LARGEST.channels || blocks.some((count) => count > LARGEST.blocks))
    throw unsupported(folder, "it is too large for previews");
  if (blocks.length !== widths.length || blocks.length !== DOUBLINGS + 1) {
    throw unsupported(folder, `it has not ${DOUBLINGS + 1} levels, which make a latent element 8 pixels wide`);
  }
  const weights = await openComponentWeights(folder, "diffusion_pytorch_model");
  return { config: { latentChannels: LATENT_CHANNELS, channels, blocks, scalingFactor: config.positive("scaling_factor", 1) }, weights };
}

function unsupported(folder: string, why: string): DreamError {
  return new DreamError("model/unsupported", `the preview decoder ${folder} is not supported: ${why}`);
}
