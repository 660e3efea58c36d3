/** What the networks are built from: the fields of diffusers' `config.json` files that change the graph, already validated. */

/** What a layer of CLIP's transformers is made of. */
export interface ClipLayerConfig {
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly heads: number;
  readonly activation: "quick_gelu" | "gelu";
  readonly layerNormEps: number;
}

/** `text_encoder/config.json` of a CLIPTextModel. */
export interface ClipTextConfig extends ClipLayerConfig {
  readonly vocabSize: number;
  readonly layers: number;
  /** 77 for every published model. */
  readonly maxPositions: number;
}

/** `vision_config` of a CLIP model. */
export interface ClipVisionConfig extends ClipLayerConfig {
  readonly layers: number;
  /** Pixels a side of the pictures that it was trained with. */
  readonly imageSize: number;
  /** Pixels a side of the squares that it sees a picture as. */
  readonly patchSize: number;
}

/** What CLIPSeg puts behind CLIP's picture tower. */
export interface ClipSegConfig {
  readonly vision: ClipVisionConfig;
  readonly text: ClipTextConfig;
  /** Channels that texts and pictures meet in. */
  readonly projection: number;
  /** Layers of the tower whose output is looked at, from 0, ascending. */
  readonly layers: readonly number[];
  /** The text comes in at this place of the decoder, from 0. */
  readonly conditionalLayer: number;
  readonly decoder: {
    readonly width: number;
    readonly heads: number;
    readonly intermediateSize: number;
    /** Three convolutions make a square of pixels of a patch, or a single one. */
    readonly refined: boolean;
  };
}

export type UNetDownBlock = "DownBlock2D" | "CrossAttnDownBlock2D";
export type UNetUpBlock = "UpBlock2D" | "CrossAttnUpBlock2D";

/** `unet/config.json` of a UNet2DConditionModel. Arrays have one entry per resolution level, finest first. */
export interface UNetConfig {
  /** 4, or 9 for inpainting checkpoints (latent, mask, masked latent). */
  readonly inChannels: number;
  readonly outChannels: number;
  readonly blockOutChannels: readonly number[];
  readonly downBlocks: readonly UNetDownBlock[];
  readonly upBlocks: readonly UNetUpBlock[];
  readonly hasMidBlock: boolean;
  readonly layersPerBlock: number;
  /** Number of attention heads at each level (diffusers' `attention_head_dim` means this in SD 1.x and 2.x configs). */
  readonly heads: readonly number[];
  readonly crossAttentionDim: number;
  readonly useLinearProjection: boolean;
  readonly transformerLayers: number;
  readonly normGroups: number;
  readonly normEps: number;
  readonly flipSinToCos: boolean;
  readonly freqShift: number;
  /** Latent side of the native picture size (64 for 512 px). */
  readonly sampleSize: number;
}

/** `vae/config.json` of an AutoencoderKL. */
export interface AutoencoderKLConfig {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly latentChannels: number;
  readonly blockOutChannels: readonly number[];
  readonly layersPerBlock: number;
  readonly normGroups: number;
  readonly scalingFactor: number;
  readonly midBlockAttention: boolean;
  readonly useQuantConv: boolean;
  readonly usePostQuantConv: boolean;
}
