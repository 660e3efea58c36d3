import type { WeightSource } from "../checkpoints/tensor.js";
import type { AutoencoderKLConfig, ClipTextConfig, UNetConfig } from "./config.js";

/** One network to build: what it looks like and where its weights lie (by diffusers key). */
export interface NetworkComponent<Config> {
  readonly config: Config;
  readonly weights: WeightSource;
}

export interface TextEncoderComponent extends NetworkComponent<ClipTextConfig> {
  /** Layers at the end that are not run: 1 for OpenCLIP in single files, whose penultimate layer conditions SD 2.x; else 0. */
  readonly skipLayers: number;
}

/** The networks of a model whose graphs we build ourselves. */
export interface NetworkParts {
  readonly textEncoder: TextEncoderComponent;
  readonly unet: NetworkComponent<UNetConfig>;
  readonly vae: NetworkComponent<AutoencoderKLConfig>;
  /** Absolute paths of everything that was or will be read, sorted: for cache keys. */
  readonly files: readonly string[];
  /** Bytes that the parameters of all networks take as 32-bit floats. */
  readonly parameterBytes: number;
}

/** An exported graph; its weights lie in it or beside it. */
export interface OnnxGraph {
  readonly modelPath: string;
}

/** The networks of a model that somebody exported as ONNX graphs. */
export interface ExportedParts {
  /** The path as it was given, for messages. */
  readonly origin: string;
  readonly textEncoder: OnnxGraph;
  readonly unet: OnnxGraph;
  readonly vaeDecoder: OnnxGraph;
  readonly vaeEncoder?: OnnxGraph;
}
