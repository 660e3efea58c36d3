import type { WeightSource } from "../checkpoints/tensor.js";
import { DreamError } from "../errors.js";
import type { AutoencoderKLConfig, ClipTextConfig, UNetConfig } from "../networks/config.js";
import { ShapeProbe } from "./probe.js";
import type { SideConfig } from "./side-config.js";

/*
 * What the networks of a single-file checkpoint look like, read from the shapes of its tensors. Three things leave no trace in shapes:
 * the number of attention heads, the number of normalisation groups and the prediction type. For the first two the side configuration
 * decides, else the rule of the published models.
 */

/** Group normalisation of LDM: always 32 groups. */
const GROUPS = 32;
/** SD 1.x splits every level into 8 heads; SD 2.x gives each head 64 channels, as do both text encoders. */
const CONVOLUTIONAL_HEADS = 8;
const HEAD_CHANNELS = 64;

/** The U-Net. @throws DreamError weights/missing-key, weights/shape, model/unsupported, model/side-config */
export function unetConfigFromShapes(file: WeightSource, side: SideConfig | undefined, sampleSize: number): UNetConfig {
  const probe = new ShapeProbe(file);
  const levels = readLevels(probe);
  const blockOutChannels = levels.map((level) => level.channels);
  const [{ layers }] = levels as [Level];
  if (levels.some((level) => level.layers !== layers)) throw unsupported(file, "levels of different depth");
  const attention = levels.map((level) => level.attention);
  const block = attentionKeys(probe)[0];
  if (block === undefined) throw unsupported(file, "a U-Net without attention to the prompt");
  const transformerLayers = probe.count((index) => `${block}.transformer_blocks.${index}.`);
  const useLinearProjection = probe.rank(`${block}.proj_in.weight`) === 2;
  return {
    inChannels: probe.extent("input_blocks.0.0.weight", 1),
    outChannels: probe.extent("out.2.weight", 0),
    blockOutChannels,
    downBlocks: attention.map((has) => (has ? "CrossAttnDownBlock2D" : "DownBlock2D")),
    upBlocks: attention.toReversed().map((has) => (has ? "CrossAttnUpBlock2D" : "UpBlock2D")),
    hasMidBlock: probe.hasBelow("middle_block.0."),
    layersPerBlock: layers,
    heads: blockOutChannels.map((channels) => unetHeads(file, channels, useLinearProjection, side)),
    crossAttentionDim: probe.extent(`${block}.transformer_blocks.0.attn2.to_k.weight`, 1),
    useLinearProjection,
    transformerLayers,
    normGroups: divisor(file, "norm_num_groups", side?.unetGroups ?? GROUPS, blockOutChannels),
    normEps: 1e-5,
    flipSinToCos: true,
    freqShift: 0,
    sampleSize,
  };
}

interface Level {
  readonly channels: number;
  readonly layers: number;
  readonly attention: boolean;
}

/** LDM numbers the encoder's blocks through; a lone downsampling convolution ends a level. */
function readLevels(probe: ShapeProbe): Level[] {
  const levels: Level[] = [];
  let layers = 0;
  let channels = 0;
  let attention = false;
  for (let block = 1; ; block++) {
    const name = `input_blocks.${block}.0`;
    if (probe.hasBelow(`${name}.in_layers.`)) {
      layers++;
      channels = probe.extent(`${name}.out_layers.3.weight`, 0);
      attention ||= probe.hasBelow(`input_blocks.${block}.1.`);
      continue;
    }
    // At the end this also finds the missing block when there is none at all.
    levels.push({ channels: layers > 0 ? channels : probe.extent(`${name}.in_layers.0.weight`, 0), layers, attention });
    if (!probe.hasBelow(`${name}.op.`)) return levels;
    layers = 0;
    attention = false;
  }
}

/** Modules of the U-Net that attend to the prompt. */
function attentionKeys(probe: ShapeProbe): string[] {
  const blocks = ["middle_block.1"];
  for (let block = 1; probe.hasBelow(`input_blocks.${block}.0.`); block++) {
    blocks.push(`input_blocks.${block}.1`);
  }
  return blocks.filter((name) => probe.hasBelow(`${name}.transformer_blocks.`));
}

function unetHeads(file: WeightSource, channels: number, linear: boolean, side: SideConfig | undefined): number {
  const headChannels = side?.unetHeadChannels ?? (linear && side?.unetHeads === undefined ? HEAD_CHANNELS : undefined);
  if (headChannels === undefined) return divisor(file, "num_heads", side?.unetHeads ?? CONVOLUTIONAL_HEADS, [channels]);
  return channels / divisor(file, "num_head_channels", headChannels, [channels]);
}

/** A number that shapes do not show must at least fit them. */
function divisor(file: WeightSource, key: string, value: number, sizes: readonly number[]): number {
  const odd = sizes.find((size) => size % value !== 0);
  if (odd === undefined) return value;
  throw new DreamError("model/side-config", `${file.origin} does not tell its ${key}: ${odd} is not a multiple of ${value}`);
}

function unsupported(file: WeightSource, what: string): DreamError {
  return new DreamError("model/unsupported", `${file.origin} has ${what}, which is not supported`);
}

/**
 * The VAE.
 * @param prefix empty for files that hold a VAE alone
 * @throws DreamError weights/missing-key, weights/shape, model/side-config
 */
export function autoencoderConfigFromShapes(file: WeightSource, side: SideConfig | undefined, prefix: string): AutoencoderKLConfig {
  const probe = new ShapeProbe(file, prefix);
  const levels = Math.max(
    1,
    probe.count((level) => `encoder.down.${level}.block.`),
  );
  const blockOutChannels = Array.from({ length: levels }, (_, level) => probe.extent(`encoder.down.${level}.block.0.conv1.weight`, 0));
  return {
    inChannels: probe.extent("encoder.conv_in.weight", 1),
    outChannels: probe.extent("decoder.conv_out.weight", 0),
    latentChannels: probe.extent("decoder.conv_in.weight", 1),
    blockOutChannels,
    layersPerBlock: probe.count((layer) => `encoder.down.0.block.${layer}.`),
    normGroups: divisor(file, "norm_num_groups", side?.autoencoderGroups ?? GROUPS, blockOutChannels),
    scalingFactor: side?.scalingFactor ?? 0.18215,
    midBlockAttention: probe.hasBelow("encoder.mid.attn_1."),
    useQuantConv: probe.hasBelow("quant_conv."),
    usePostQuantConv: probe.hasBelow("post_quant_conv."),
  };
}

/** The text encoder, from its keys under transformers' names. @throws DreamError weights/missing-key, weights/shape, model/side-config */
export function textConfigFromShapes(weights: WeightSource, kind: "clip" | "open-clip", side: SideConfig | undefined): ClipTextConfig {
  const probe = new ShapeProbe(weights, "text_model.");
  const hiddenSize = probe.extent("embeddings.token_embedding.weight", 1);
  return {
    vocabSize: probe.extent("embeddings.token_embedding.weight", 0),
    hiddenSize,
    intermediateSize: probe.extent("encoder.layers.0.mlp.fc1.weight", 0),
    layers: probe.count((layer) => `encoder.layers.${layer}.`),
    heads: divisor(weights, "cond_stage_config.params.heads", side?.textHeads ?? Math.ceil(hiddenSize / HEAD_CHANNELS), [hiddenSize]),
    maxPositions: probe.extent("embeddings.position_embedding.weight", 0),
    activation: kind === "clip" ? "quick_gelu" : "gelu",
    layerNormEps: 1e-5,
  };
}
