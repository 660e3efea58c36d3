import type { TokenLog } from "../conditioning/token-log.js";
import type { Tally } from "./picture-tally.js";
import type {
  FaceJob,
  GeneratedImage,
  GenerationJob,
  HeatMap,
  LatentPreview,
  LoadedModel,
  LoadRequest,
  ProcessStatus,
  RestoredFaces,
  SafetyJob,
  SegmentJob,
  StageSeconds,
  UpscaleJob,
} from "./protocol.js";

/** What a caller may hear about one picture while it is made. */
export interface GenerationHandlers {
  /** After every sampler step; `step` counts from 1 to `total`. */
  readonly onStep?: (step: number, total: number, preview?: LatentPreview) => void;
  /** A sentence worth showing above the progress bar. */
  readonly onNotice?: (text: string) => void;
  /** How the prompt was read, where the job asks for it. */
  readonly onTokens?: (log: TokenLog) => void;
  /** Ask for a latent preview of the first step, of every so many steps from there, and of the last one; 0 or absent asks for none. */
  readonly previewEvery?: number;
  /** Ask for previews now and then, so seldom that they cost little: somebody watches. They come beside those of `previewEvery`. */
  readonly livePreviews?: boolean;
}

/** A finished picture and what it cost. */
export interface Generated {
  readonly image: GeneratedImage;
  readonly seconds: StageSeconds;
}

/** How the engine is and what it did. */
export interface EngineStatus extends ProcessStatus, Tally {
  /** False when the engine was too busy to answer: then its models and sessions are those of its last answer. */
  readonly current: boolean;
}

/**
 * Whoever makes pictures, as the prompt (and later the HTTP server) sees it. One model and one picture at a time; the caller queues.
 * `lib/engine/client.ts` implements it over a child process, the tests over a gradient.
 */
export interface Engine {
  /**
   * Loads a model in place of the one there is.
   *
   * @param onStage told the name of each stage as it begins ("text encoder", "unet", "vae")
   * @throws DreamError when the model cannot be loaded; the engine stays usable
   */
  load(request: LoadRequest, onStage?: (stage: string) => void): Promise<LoadedModel>;

  /**
   * Makes one picture with the loaded model.
   *
   * @returns the picture, or "cancelled" after `cancel()`
   * @throws DreamError `engine/crashed` when the child died (a fresh one is started and the model reloaded), else the job's own failure
   */
  generate(job: GenerationJob, handlers?: GenerationHandlers): Promise<Generated | "cancelled">;

  /**
   * Enlarges a picture; no model need be loaded.
   *
   * @param onPiece told after every piece of the picture; `piece` counts from 1
   * @returns the picture in exactly the size asked for, or "cancelled" after `cancel()`
   * @throws DreamError `engine/crashed`, or what is wrong with the upscaler
   */
  upscale(job: UpscaleJob, onPiece?: (piece: number, pieces: number) => void): Promise<GeneratedImage | "cancelled">;

  /**
   * Judges a picture with an NSFW checker; no model need be loaded.
   *
   * @returns true for a picture that is to be blurred, or "cancelled" after `cancel()`
   * @throws DreamError `engine/crashed`, or what is wrong with the checker
   */
  check(job: SafetyJob): Promise<boolean | "cancelled">;

  /**
   * Restores the faces of a picture; no model need be loaded.
   *
   * @param onStep told when the faces are found and after each of them; `step` counts from 1
   * @returns the picture in its own size, or "cancelled" after `cancel()`
   * @throws DreamError `engine/crashed`, or what is wrong with the networks
   */
  restoreFaces(job: FaceJob, onStep?: (step: number, steps: number) => void): Promise<RestoredFaces | "cancelled">;

  /**
   * Finds what a text names in a picture; no model need be loaded.
   *
   * @returns the map, or "cancelled" after `cancel()`
   * @throws DreamError `engine/crashed`, or what is wrong with the network
   */
  segment(job: SegmentJob): Promise<HeatMap | "cancelled">;

  /**
   * Stops the picture being made. First call: after the current step. Second call while it still runs: the child is killed, a fresh
   * one started and the model reloaded; the job ends as "cancelled". Nothing happens when nothing runs.
   */
  cancel(): void;

  /** Memory, loaded models and times. Answers within half a second, also while a picture is made, and starts no engine process. */
  status(): Promise<EngineStatus>;

  /** Hears what happens outside any job, for example "the engine was killed (SIGKILL); restarting". */
  onNotice(listener: (text: string) => void): void;

  /** Ends the child process. A job still running ends as "cancelled". */
  close(): Promise<void>;
}
