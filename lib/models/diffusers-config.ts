import type { AutoencoderKLConfig, ClipTextConfig, UNetConfig, UNetDownBlock, UNetUpBlock } from "../networks/config.js";
import type { SchedulerConfig } from "../samplers/scheduler-config.js";
import type { ConfigReader } from "./config-reader.js";

/*
 * The configuration files of a diffusers folder. A missing key has the default of diffusers' constructor (of transformers' for the text
 * encoder); a key that would change the network in a way we do not build is refused by name. Keys that matter for training only are
 * not looked at. Source: the `__init__` signatures of diffusers 0.42 and of transformers' CLIPTextConfig.
 */

/** `text_encoder/config.json`. @throws DreamError model/config, model/unsupported */
export function clipTextConfig(config: ConfigReader): ClipTextConfig {
  config.only("model_type", "clip_text_model");
  const hiddenSize = config.integer("hidden_size", 512);
  const heads = config.integer("num_attention_heads", 8);
  config.divides("num_attention_heads", [heads], [hiddenSize]);
  return {
    vocabSize: config.integer("vocab_size", 49408),
    hiddenSize,
    intermediateSize: config.integer("intermediate_size", 2048),
    layers: config.integer("num_hidden_layers", 12),
    heads,
    maxPositions: config.integer("max_position_embeddings", 77),
    activation: config.choice("hidden_act", "quick_gelu", ["quick_gelu", "gelu"]),
    layerNormEps: config.positive("layer_norm_eps", 1e-5),
  };
}

const DOWN_BLOCKS: readonly UNetDownBlock[] = ["DownBlock2D", "CrossAttnDownBlock2D"];
const UP_BLOCKS: readonly UNetUpBlock[] = ["UpBlock2D", "CrossAttnUpBlock2D"];
/** What UNet2DConditionModel could be and the networks of Stable Diffusion 1.x and 2.x are not: key → the values that mean "off". */
const UNET_MUST_BE: Readonly<Record<string, readonly unknown[]>> = {
  _class_name: ["UNet2DConditionModel"],
  act_fn: ["silu", "swish"],
  addition_embed_type: [],
  attention_type: ["default"],
  center_input_sample: [false],
  class_embed_type: [],
  class_embeddings_concat: [false],
  conv_in_kernel: [3],
  conv_out_kernel: [3],
  cross_attention_norm: [],
  downsample_padding: [1],
  dual_cross_attention: [false],
  encoder_hid_dim: [],
  encoder_hid_dim_type: [],
  mid_block_only_cross_attention: [false],
  mid_block_scale_factor: [1],
  mid_block_type: ["UNetMidBlock2DCrossAttn"],
  num_attention_heads: [],
  num_class_embeds: [],
  resnet_out_scale_factor: [1],
  resnet_skip_time_act: [false],
  resnet_time_scale_shift: ["default"],
  time_cond_proj_dim: [],
  time_embedding_act_fn: [],
  time_embedding_type: ["positional"],
  timestep_post_act: [],
};

/** `unet/config.json`. @throws DreamError model/config, model/unsupported */
export function unetConfig(config: ConfigReader): UNetConfig {
  for (const [key, allowed] of Object.entries(UNET_MUST_BE)) config.only(key, ...allowed);
  const blockOutChannels = config.integers("block_out_channels", [320, 640, 1280, 1280]);
  const levels = blockOutChannels.length;
  config.only("only_cross_attention", false, new Array(levels).fill(false));
  const normGroups = config.integer("norm_num_groups", 32);
  config.divides("norm_num_groups", [normGroups], blockOutChannels);
  const heads = config.perLevel("attention_head_dim", 8, levels);
  config.divides("attention_head_dim", heads, blockOutChannels);
  config.only("time_embedding_dim", blockOutChannels[0]! * 4);
  return {
    inChannels: config.integer("in_channels", 4),
    outChannels: config.integer("out_channels", 4),
    blockOutChannels,
    downBlocks: config.choices(
      "down_block_types",
      ["CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"],
      DOWN_BLOCKS,
      levels,
    ),
    upBlocks: config.choices(
      "up_block_types",
      ["UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D"],
      UP_BLOCKS,
      levels,
    ),
    // An explicit null takes the middle block away; an absent key means the usual one.
    hasMidBlock: !config.has("mid_block_type") || config.raw("mid_block_type") !== undefined,
    layersPerBlock: uniform(config, "layers_per_block", 2, levels),
    heads,
    crossAttentionDim: uniform(config, "cross_attention_dim", 1280, levels),
    useLinearProjection: config.boolean("use_linear_projection", false),
    transformerLayers: uniform(config, "transformer_layers_per_block", 1, levels),
    normGroups,
    normEps: config.positive("norm_eps", 1e-5),
    flipSinToCos: config.boolean("flip_sin_to_cos", true),
    freqShift: config.number("freq_shift", 0),
    sampleSize: config.integer("sample_size", 64),
  };
}

/** A value that diffusers allows per level and every Stable Diffusion has once. */
function uniform(config: ConfigReader, key: string, fallback: number, levels: number): number {
  const values = config.perLevel(key, fallback, levels);
  config.only(key, values[0], new Array(levels).fill(values[0]));
  return values[0]!;
}

/** `vae/config.json`. @throws DreamError model/config, model/unsupported */
export function autoencoderConfig(config: ConfigReader): AutoencoderKLConfig {
  config.only("_class_name", "AutoencoderKL");
  config.only("act_fn", "silu", "swish");
  for (const key of ["shift_factor", "latents_mean", "latents_std"]) config.only(key);
  const blockOutChannels = config.integers("block_out_channels", [64]);
  const levels = blockOutChannels.length;
  config.choices("down_block_types", ["DownEncoderBlock2D"], ["DownEncoderBlock2D"], levels);
  config.choices("up_block_types", ["UpDecoderBlock2D"], ["UpDecoderBlock2D"], levels);
  const normGroups = config.integer("norm_num_groups", 32);
  config.divides("norm_num_groups", [normGroups], blockOutChannels);
  return {
    inChannels: config.integer("in_channels", 3),
    outChannels: config.integer("out_channels", 3),
    latentChannels: config.integer("latent_channels", 4),
    blockOutChannels,
    layersPerBlock: config.integer("layers_per_block", 1),
    normGroups,
    scalingFactor: config.positive("scaling_factor", 0.18215),
    midBlockAttention: config.boolean("mid_block_add_attention", true),
    useQuantConv: config.boolean("use_quant_conv", true),
    usePostQuantConv: config.boolean("use_post_quant_conv", true),
  };
}

/** Scheduler classes whose constructor has other defaults than most; absent fields are as in `SCHEDULER_DEFAULTS`. */
const SCHEDULER_BY_CLASS: Readonly<Record<string, Partial<SchedulerConfig>>> = {
  DDIMScheduler: { setAlphaToOne: true, clipSample: true, timestepSpacing: "leading" },
  DDPMScheduler: { clipSample: true, timestepSpacing: "leading" },
  PNDMScheduler: { timestepSpacing: "leading" },
  LCMScheduler: { betaStart: 0.00085, betaEnd: 0.012, betaSchedule: "scaled_linear", setAlphaToOne: true, timestepSpacing: "leading" },
  HeunDiscreteScheduler: { betaStart: 0.00085, betaEnd: 0.012 },
  KDPM2DiscreteScheduler: { betaStart: 0.00085, betaEnd: 0.012 },
  KDPM2AncestralDiscreteScheduler: { betaStart: 0.00085, betaEnd: 0.012 },
};

const SCHEDULER_DEFAULTS: SchedulerConfig = {
  trainTimesteps: 1000,
  betaStart: 0.0001,
  betaEnd: 0.02,
  betaSchedule: "linear",
  predictionType: "epsilon",
  stepsOffset: 0,
  setAlphaToOne: false,
  clipSample: false,
  timestepSpacing: "linspace",
  rescaleBetasZeroSnr: false,
};

/** `scheduler/scheduler_config.json`. @throws DreamError model/config, model/unsupported */
export function schedulerConfig(config: ConfigReader): SchedulerConfig {
  const defaults = { ...SCHEDULER_DEFAULTS, ...SCHEDULER_BY_CLASS[config.text("_class_name") ?? ""] };
  const trainTimesteps = config.integer("num_train_timesteps", defaults.trainTimesteps);
  const trainedBetas = config.numbers("trained_betas", trainTimesteps);
  return {
    trainTimesteps,
    betaStart: config.fraction("beta_start", defaults.betaStart),
    betaEnd: config.fraction("beta_end", defaults.betaEnd),
    betaSchedule: config.choice("beta_schedule", defaults.betaSchedule, ["linear", "scaled_linear", "squaredcos_cap_v2"]),
    ...(trainedBetas && { trainedBetas }),
    predictionType: config.choice("prediction_type", defaults.predictionType, ["epsilon", "v_prediction"]),
    stepsOffset: config.integer("steps_offset", defaults.stepsOffset, 0),
    setAlphaToOne: config.boolean("set_alpha_to_one", defaults.setAlphaToOne),
    clipSample: config.boolean("clip_sample", defaults.clipSample),
    timestepSpacing: config.choice("timestep_spacing", defaults.timestepSpacing, ["leading", "linspace", "trailing"]),
    rescaleBetasZeroSnr: config.boolean("rescale_betas_zero_snr", defaults.rescaleBetasZeroSnr),
  };
}
