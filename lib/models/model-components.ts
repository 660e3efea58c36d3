import type { WeightSource } from "../checkpoints/tensor.js";
import type { AutoencoderKLConfig, ClipTextConfig, UNetConfig } from "../networks/config.js";
import type { SchedulerConfig } from "../samplers/scheduler-config.js";

/** One network to build: what it looks like and where its weights lie (by diffusers key). */
export interface NetworkComponent<Config> {
  readonly config: Config;
  readonly weights: WeightSource;
}

export interface TextEncoderComponent extends NetworkComponent<ClipTextConfig> {
  /** Layers at the end that are not run: 1 for OpenCLIP in single files, whose penultimate layer conditions SD 2.x; else 0. */
  readonly skipLayers: number;
}

/** Where the vocabulary comes from; without a folder it is the packaged CLIP vocabulary. */
export interface TokenizerSource {
  readonly folder?: string;
  /** Overrides the padding token (OpenCLIP pads with token 0). */
  readonly pad?: number;
}

interface ModelFacts {
  /** The path as it was given, for messages. */
  readonly origin: string;
  /** "SD 1.x" or "SD 2.x", with " inpainting" and " (v)" where they apply. */
  readonly family: string;
  readonly tokenizer: TokenizerSource;
  readonly scheduler: SchedulerConfig;
  /** Pixels. */
  readonly nativeSize: { readonly width: number; readonly height: number };
  /** Absolute paths of everything that was or will be read, sorted: for hashing and cache keys. */
  readonly files: readonly string[];
  /** Bytes that the parameters of all networks take as 32-bit floats. */
  readonly parameterBytes: number;
}

/** A model whose graphs we build ourselves. */
export interface WeightsModel extends ModelFacts {
  readonly layout: "diffusers" | "checkpoint";
  readonly textEncoder: TextEncoderComponent;
  readonly unet: NetworkComponent<UNetConfig>;
  readonly vae: NetworkComponent<AutoencoderKLConfig>;
}

/** An exported graph; its weights lie in it or beside it. */
export interface OnnxGraph {
  readonly modelPath: string;
}

/** A folder with graphs exported by optimum or by diffusers. */
export interface OnnxModel extends ModelFacts {
  readonly layout: "onnx";
  readonly textEncoder: OnnxGraph;
  readonly unet: OnnxGraph;
  readonly vaeDecoder: OnnxGraph;
  readonly vaeEncoder?: OnnxGraph;
  /** Factor between the VAE's latents and the UNet's. */
  readonly scalingFactor: number;
}

export type ModelComponents = WeightsModel | OnnxModel;
