import type { ExportedParts, NetworkParts } from "../networks/parts.js";
import type { SchedulerConfig } from "../samplers/scheduler-config.js";

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
export interface WeightsModel extends ModelFacts, NetworkParts {
  readonly layout: "diffusers" | "checkpoint";
}

/** A folder with graphs exported by optimum or by diffusers. */
export interface OnnxModel extends ModelFacts, ExportedParts {
  readonly layout: "onnx";
  /** Factor between the VAE's latents and the UNet's. */
  readonly scalingFactor: number;
}

export type ModelComponents = WeightsModel | OnnxModel;
