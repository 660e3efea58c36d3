import type { LoraInUse } from "../adapters/combine-loras.js";
import type { TokenLog } from "../conditioning/token-log.js";
import type { ErrorCode } from "../errors.js";
import type { Infill } from "../images/painting/infill.js";

/**
 * The messages between the program and the engine process. Both ends import these types; `child_process` carries them with the
 * "advanced" serialisation, so typed arrays travel as they are. The same protocol later serves HTTP and a queue.
 */

/** Noise of another seed that is mixed into the starting noise. */
export interface NoiseVariation {
  /** 0 … 2³²−1. */
  readonly seed: number;
  /** 0 leaves the noise as it was, 1 puts this seed's in its place. */
  readonly weight: number;
}

/** A picture to begin with, of the size of the picture that is made. */
export interface InitialPicture {
  /** width·height·3 bytes, row-major. */
  readonly rgb: Uint8Array;
  /** Share of the steps that is run on it, 0 … 1: 0 gives it back as the VAE sees it, 1 drowns it in noise. */
  readonly strength: number;
  /** Absent when all of it is painted. */
  readonly region?: PaintedRegion;
}

/** What of the initial picture is painted (inpainting, outpainting). */
export interface PaintedRegion {
  /** width·height bytes: 255 keeps a pixel, 0 paints it, between them both are mixed. */
  readonly keep: Uint8Array;
  /** width·height bytes, 255 opaque; absent when all of the picture is there. */
  readonly alpha?: Uint8Array;
  /** What is put below transparent pixels before painting; absent: the colours that lie there. */
  readonly infill?: Infill;
  /** Share of other noise in the region at the start, 0 … 1 (`-r`). */
  readonly replace: number;
  /** Width in pixels of the soft edge between kept and painted; 0 ends the kept part as `keep` does. */
  readonly softEdge: number;
  /** Paints the border of the region once more. */
  readonly seam?: Seam;
}

/** The second pass along the border of a painted region. */
export interface Seam {
  /** Pixels. */
  readonly size: number;
  /** Radius in pixels. */
  readonly blur: number;
  readonly strength: number;
  readonly steps: number;
}

/** Everything that determines the pixels of one picture. */
export interface GenerationJob {
  /** As it was typed, with its negative part in brackets; parsed where it is encoded. */
  readonly prompt: string;
  /** The LoRAs that the prompt asks for, none of them of weight 0; absent is none. */
  readonly loras?: readonly LoraInUse[];
  /** Keep the weights of a mixture with colons as they are written. */
  readonly skipNormalize?: boolean;
  /** Go on in further windows of tokens where the prompt is longer than one. */
  readonly longPrompts?: boolean;
  /** Pixels, multiples of 64. */
  readonly width: number;
  readonly height: number;
  readonly steps: number;
  /** Guidance scale; 1 runs the conditional pass alone. */
  readonly cfgScale: number;
  readonly sampler: string;
  /** 0 … 2³²−1. */
  readonly seed: number;
  /** Mixed into the starting noise one after the other; empty for the plain noise of `seed`. */
  readonly variations: readonly NoiseVariation[];
  /** Karras spacing of the noise levels instead of the model's own. */
  readonly karras: boolean;
  /** Which of torch's generators the noise imitates. */
  readonly rng: "cpu" | "cuda";
  /** Circular padding on these axes: "", "x", "y" or "xy". */
  readonly seamless: "" | "x" | "y" | "xy";
  /** Text-encoder layers to skip from the end for the positive prompt (0 = the model's own choice). */
  readonly clipSkip: number;
  /** Tell the prompt's tokens. */
  readonly logTokens?: boolean;
  /** Absent for a picture made from text alone. */
  readonly init?: InitialPicture;
  /** Share of gradient noise in the starting noise, 0 … 1; absent is none. */
  readonly perlin?: number;
  /** Largest size of the latents' values behind a step; absent or 0 is none. */
  readonly threshold?: number;
  /** Share of the steps, 0 … 1, behind which the left half is mirrored to the right; absent or 0 is never. */
  readonly hSymmetryTime?: number;
  /** The same for the upper half, mirrored to the bottom. */
  readonly vSymmetryTime?: number;
  /**
   * Draw in the model's own size first, then enlarge the latents and run this share of the steps on them, 0 … 1; `init` counts for nothing
   * then. Absent draws in one pass.
   */
  readonly hiresStrength?: number;
}

/** A picture to enlarge with a network of its own, whatever model is loaded. */
export interface UpscaleJob {
  /** Absolute path: a .safetensors file, an .onnx file, or a folder with `model.onnx`. */
  readonly upscaler: string;
  readonly picture: GeneratedImage;
  /** Pixels that are wanted, no fewer than the picture has. */
  readonly width: number;
  readonly height: number;
  /** Pixels a side of the pieces that are worked on, 0 for as many as memory allows. */
  readonly tile: number;
  readonly threads: number;
}

/** A picture to judge, whatever model is loaded. */
export interface SafetyJob {
  /** Absolute path of a folder like `safety_checker/` of a diffusers model. */
  readonly checker: string;
  readonly picture: GeneratedImage;
  readonly threads: number;
}

/** A picture whose faces are to be restored, whatever model is loaded. */
export interface FaceJob {
  /** Absolute path of the .onnx file that finds the faces, and of the one that restores them. */
  readonly detector: string;
  readonly restorer: string;
  readonly picture: GeneratedImage;
  /** Share of the restored picture in the result, 0 … 1. */
  readonly strength: number;
  /** CodeFormer: 0 for the finest face, 1 for the most similar one; absent for GFPGAN. */
  readonly fidelity?: number;
  readonly threads: number;
}

/** What came of it. */
export interface RestoredFaces {
  readonly image: GeneratedImage;
  /** How many faces were restored; 0 leaves the picture as it was. */
  readonly restored: number;
  /** How many were found but left as they are: too small, and too many. */
  readonly tooSmall: number;
  readonly tooMany: number;
}

/** A picture in which something is to be found, whatever model is loaded. */
export interface SegmentJob {
  /** Absolute path of a CLIPSeg folder. */
  readonly segmenter: string;
  readonly picture: GeneratedImage;
  /** Names what is looked for. */
  readonly text: string;
  readonly threads: number;
}

/** How likely each part of a picture is what a text names. */
export interface HeatMap {
  /** The map is a square; it stands for the square whose top left the picture is and whose side is the picture's longer one. */
  readonly side: number;
  /** side·side shares, 0 … 1, row by row. */
  readonly heat: Float32Array;
}

/** What to load and how; absolute paths only. */
export interface LoadRequest {
  /** A .safetensors file, a diffusers folder or an ONNX folder. */
  readonly path: string;
  /** Side configuration (`NAME.yaml`) that wins over probing. */
  readonly config?: string;
  /** A VAE to use instead of the model's own: a folder or a .safetensors file. */
  readonly vae?: string;
  /** A small decoder for previews: a folder in the layout of diffusers' AutoencoderTiny. Absent is the model's own, if it has one. */
  readonly previewDecoder?: string;
  /** "fast" = Winograd weights, "lean" = less memory, "auto" = by the memory there is. */
  readonly memory: "auto" | "fast" | "lean";
  /** Folder of the per-machine weight cache, or "off". */
  readonly modelCache: string;
  readonly threads: number;
  /** Folder of embeddings for prompts, or one file; absent is none. Its files need not exist. */
  readonly embeddings?: string;
  /** How many models may stay loaded, this one included: 1 (the default) or more. */
  readonly keep?: number;
}

/** An embedding that prompts may use. */
export interface TriggerFacts {
  /** As it must be written. */
  readonly trigger: string;
  /** Positions of the prompt that it takes. */
  readonly vectors: number;
  readonly file: string;
}

/** Facts about a loaded model that the prompt shows or needs. */
export interface LoadedModel {
  readonly path: string;
  /** For example "SD 1.x", "SD 2.x (v)", "SD 1.x inpainting". */
  readonly family: string;
  readonly layout: "diffusers" | "checkpoint" | "onnx";
  /** Native picture size in pixels. */
  readonly width: number;
  readonly height: number;
  readonly memoryMode: "fast" | "lean";
  /** What embeddings add to prompts, in the order of their files. */
  readonly triggers: readonly TriggerFacts[];
  /** Sentences worth showing once (for example why the lean mode was chosen). */
  readonly notices: readonly string[];
  /** Hex sha256 that identifies the weights in metadata, or "NOHASH". */
  readonly hash: string;
  readonly seconds: number;
  /** True when it had stayed loaded and nothing was read. */
  readonly fromMemory: boolean;
}

export type EngineRequest =
  | { readonly type: "load"; readonly id: number; readonly request: LoadRequest }
  | {
      readonly type: "generate";
      readonly id: number;
      readonly job: GenerationJob;
      readonly previewEvery: number;
      readonly livePreviews?: boolean;
    }
  | { readonly type: "upscale"; readonly id: number; readonly job: UpscaleJob }
  | { readonly type: "check"; readonly id: number; readonly job: SafetyJob }
  | { readonly type: "segment"; readonly id: number; readonly job: SegmentJob }
  | { readonly type: "restore"; readonly id: number; readonly job: FaceJob }
  | { readonly type: "cancel"; readonly id: number }
  | { readonly type: "status"; readonly id: number };

/** An RGB picture made from the latent without the VAE, mostly a small one. */
export interface LatentPreview {
  /** Pixels a side of the picture that one of its pixels stands for. */
  readonly span: number;
  readonly width: number;
  readonly height: number;
  /** width·height·3 bytes, row-major. */
  readonly rgb: Uint8Array;
}

export interface GeneratedImage {
  readonly width: number;
  readonly height: number;
  /** width·height·3 bytes, row-major. */
  readonly rgb: Uint8Array;
}

/** Seconds spent in each stage of one picture. */
export interface StageSeconds {
  /** The prompt's encoding, and the initial picture's. */
  readonly conditioning: number;
  readonly sampling: number;
  readonly decoding: number;
}

/** A model that is loaded now. */
export interface ModelStatus {
  readonly path: string;
  readonly family: string;
  readonly memoryMode: "fast" | "lean";
  /** Bytes of its weights as the networks hold them, estimated. */
  readonly weightBytes: number;
  /** True for the one that makes the pictures. */
  readonly active: boolean;
}

/** The engine process at one moment. */
export interface ProcessStatus {
  /** Bytes in memory now, mapped files included, and the most there ever were. */
  readonly rssBytes: number;
  readonly peakRssBytes: number;
  /** The least recently used first. */
  readonly models: readonly ModelStatus[];
  /** Sessions of onnxruntime that exist. */
  readonly sessions: number;
}

export type EngineEvent =
  | { readonly type: "ready" }
  | { readonly type: "loading"; readonly id: number; readonly stage: string }
  | { readonly type: "loaded"; readonly id: number; readonly model: LoadedModel }
  | { readonly type: "step"; readonly id: number; readonly step: number; readonly total: number; readonly preview?: LatentPreview }
  | { readonly type: "image"; readonly id: number; readonly image: GeneratedImage; readonly seconds: StageSeconds }
  | { readonly type: "upscaled"; readonly id: number; readonly image: GeneratedImage }
  | { readonly type: "checked"; readonly id: number; readonly isUnsafe: boolean }
  | { readonly type: "segmented"; readonly id: number; readonly map: HeatMap }
  | { readonly type: "restored"; readonly id: number; readonly result: RestoredFaces }
  | { readonly type: "cancelled"; readonly id: number }
  | { readonly type: "status"; readonly id: number; readonly status: ProcessStatus }
  | { readonly type: "notice"; readonly id: number; readonly text: string }
  | { readonly type: "tokens"; readonly id: number; readonly log: TokenLog }
  | { readonly type: "error"; readonly id: number; readonly code: ErrorCode; readonly message: string };
