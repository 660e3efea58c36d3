import type { WeightSource } from "../checkpoints/tensor.js";
import type { Value } from "../onnx/graph.js";
import type { AutoencoderKLConfig } from "./config.js";
import { convolution3x3 } from "./convolution/convolution.js";
import { type FeatureMap, pixels } from "./feature-map.js";
import { fromRows, toRows } from "./layers/latent-rows.js";
import { groupNorm } from "./layers/normalization.js";
import { residualBlock } from "./layers/residual-block.js";
import { type BuildOptions, NetworkBuilder, type NetworkGraph } from "./network-builder.js";

export const NORM_EPSILON = 1e-6;

/**
 * Decoder of AutoencoderKL (diffusers). Input: `latents` (1, latentChannels, H, W), already divided by the scaling factor.
 * Output: (1, outChannels, 8H, 8W), about −1 … 1.
 * @param shape latent extents
 * @throws DreamError weights/*
 */
export function buildVaeDecoder(
  config: AutoencoderKLConfig,
  weights: WeightSource,
  shape: { readonly height: number; readonly width: number },
  options: BuildOptions,
): NetworkGraph {
  const net = new NetworkBuilder("vae_decoder", weights, options);
  const { ops } = net;
  const levels = config.blockOutChannels.length;
  const latents = ops.graph.input("latents", "float32", [1, config.latentChannels, shape.height, shape.width]);

  let x = decoderStart(net, latents, config);
  for (let index = 0; index < levels; index++) {
    x = decoderBlock(net, x, index, config);
    if (index < levels - 1) x = decoderUpsampler(net, x, index, config);
  }
  x = head(net, x, "decoder", config.outChannels, config);
  ops.graph.output(fromRows(net, x));
  return net.build((key) => !isEncoderKey(key));
}

/** Everything before the decoder's first block, at the latents' extents. */
export function decoderStart(net: NetworkBuilder, latents: Value, config: AutoencoderKLConfig): FeatureMap {
  let x = toRows(net, latents);
  if (config.usePostQuantConv) x = { ...x, rows: net.linear(x.rows, "post_quant_conv", config.latentChannels) };
  x = convolution3x3(net, x, "decoder.conv_in", { outChannels: config.blockOutChannels.at(-1) as number });
  return middle(net, x, "decoder.mid_block", config);
}

/** The residual blocks of one resolution. @param index 0 is the coarsest */
export function decoderBlock(net: NetworkBuilder, x: FeatureMap, index: number, config: AutoencoderKLConfig): FeatureMap {
  const outChannels = config.blockOutChannels.at(-1 - index) as number;
  let y = x;
  for (let layer = 0; layer <= config.layersPerBlock; layer++) {
    y = residual(net, y, `decoder.up_blocks.${index}.resnets.${layer}`, outChannels, config);
  }
  return y;
}

/** Doubles the extents behind block `index`. */
export function decoderUpsampler(net: NetworkBuilder, x: FeatureMap, index: number, config: AutoencoderKLConfig): FeatureMap {
  const outChannels = config.blockOutChannels.at(-1 - index) as number;
  return convolution3x3(net, x, `decoder.up_blocks.${index}.upsamplers.0.conv`, { outChannels, upsample: 2 });
}

/**
 * Encoder of AutoencoderKL. Input: `pixels` (1, inChannels, H, W) in −1 … 1. Output: (1, 2·latentChannels, H/8, W/8): mean,
 * then log-variance.
 * @param shape pixel extents, multiples of 8
 * @throws DreamError weights/*
 */
export function buildVaeEncoder(
  config: AutoencoderKLConfig,
  weights: WeightSource,
  shape: { readonly height: number; readonly width: number },
  options: BuildOptions,
): NetworkGraph {
  const net = new NetworkBuilder("vae_encoder", weights, options);
  const { ops } = net;
  const picture = ops.graph.input("pixels", "float32", [1, config.inChannels, shape.height, shape.width]);

  const x = convolution3x3(net, toRows(net, picture), "encoder.conv_in", { outChannels: config.blockOutChannels[0] as number });
  ops.graph.output(encoderEnd(net, x, 0, config));
  return net.build(isEncoderKey);
}

/** The encoder from a resolution on. @param level 0 is the finest */
export function encoderEnd(net: NetworkBuilder, start: FeatureMap, level: number, config: AutoencoderKLConfig): Value {
  const levels = config.blockOutChannels.length;
  let x = start;
  for (let index = level; index < levels; index++) {
    const outChannels = config.blockOutChannels[index] as number;
    const key = `encoder.down_blocks.${index}`;
    for (let layer = 0; layer < config.layersPerBlock; layer++) x = residual(net, x, `${key}.resnets.${layer}`, outChannels, config);
    if (index < levels - 1) x = convolution3x3(net, x, `${key}.downsamplers.0.conv`, { outChannels, stride: 2, padStart: 0 });
  }
  x = middle(net, x, "encoder.mid_block", config);
  const moments = 2 * config.latentChannels;
  x = head(net, x, "encoder", moments, config);
  if (config.useQuantConv) x = { ...x, rows: net.linear(x.rows, "quant_conv", moments) };
  return fromRows(net, x);
}

/** True for the weights of the half that turns pictures into latents. */
export function isEncoderKey(key: string): boolean {
  return key.startsWith("encoder.") || key.startsWith("quant_conv.");
}

function residual(net: NetworkBuilder, x: FeatureMap, key: string, outChannels: number, config: AutoencoderKLConfig): FeatureMap {
  return residualBlock(net, x, key, { outChannels, groups: config.normGroups, epsilon: NORM_EPSILON });
}

function middle(net: NetworkBuilder, x: FeatureMap, key: string, config: AutoencoderKLConfig): FeatureMap {
  const first = residual(net, x, `${key}.resnets.0`, x.channels, config);
  const mixed = config.midBlockAttention ? selfAttention(net, first, `${key}.attentions.0`, config.normGroups) : first;
  return residual(net, mixed, `${key}.resnets.1`, x.channels, config);
}

/** Self-attention over all pixels with a single head. */
function selfAttention(net: NetworkBuilder, x: FeatureMap, key: string, groups: number): FeatureMap {
  const { ops } = net;
  const normalized = groupNorm(net, x, `${key}.group_norm`, groups, NORM_EPSILON).rows;
  const project = (which: string) => ops.reshape(net.linear(normalized, `${key}.${which}`, x.channels), [x.batch, pixels(x), x.channels]);
  const mixed = ops.attention(project("to_q"), project("to_k"), project("to_v"), 1);
  const projected = net.linear(ops.reshape(mixed, [x.batch * pixels(x), x.channels]), `${key}.to_out.0`, x.channels);
  return { ...x, rows: ops.add(projected, x.rows) };
}

function head(net: NetworkBuilder, x: FeatureMap, part: string, outChannels: number, config: AutoencoderKLConfig): FeatureMap {
  const normalized = groupNorm(net, x, `${part}.conv_norm_out`, config.normGroups, NORM_EPSILON);
  return convolution3x3(net, { ...normalized, rows: net.ops.silu(normalized.rows) }, `${part}.conv_out`, { outChannels });
}
