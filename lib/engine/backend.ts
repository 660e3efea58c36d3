import type { TokenLog } from "../conditioning/token-log.js";
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

/** How a backend talks while it works on one request. */
export interface BackendReport {
  /** Aborted when the user cancels; a backend looks at it between two network calls. */
  readonly signal: AbortSignal;
  /** A sentence worth showing above the progress bar. */
  readonly notice: (text: string) => void;
}

export interface LoadReport extends BackendReport {
  /** Name of the stage that begins ("text encoder", "unet", "vae"). */
  readonly stage: (name: string) => void;
}

export interface GenerationReport extends BackendReport {
  /** `step` counts from 1 to `total`. */
  readonly step: (step: number, total: number, preview?: LatentPreview) => void;
  /** Make a preview of the first step, of every so many steps from there, and of the last one; 0 makes none. */
  readonly previewEvery: number;
  /** Make previews beside these now and then, so seldom that they cost little: somebody watches. */
  readonly livePreviews?: boolean;
  /** Told how the prompt was read, where the job asks for it. */
  readonly tokens?: (log: TokenLog) => void;
}

export interface UpscaleReport extends BackendReport {
  /** A piece of the picture is done; `piece` counts from 1. */
  readonly piece: (piece: number, pieces: number) => void;
}

export interface FaceReport extends BackendReport {
  /** The faces are found, or one of them is restored; `step` counts from 1. */
  readonly step: (step: number, steps: number) => void;
}

/**
 * What the engine process serves: the networks in the real one (`lib/pipeline/model-session.ts`), a few timers in tests. `load`,
 * `generate`, `upscale`, `check`, `segment` and `restore` are never called concurrently; `status` is called between two turns of any.
 */
export interface EngineBackend {
  /** Loads a model in place of the present one; after a failure the present one must still answer. */
  load(request: LoadRequest, report: LoadReport): Promise<LoadedModel>;
  /** Makes one picture; rejects with whatever `report.signal` was aborted with when it is cancelled. */
  generate(job: GenerationJob, report: GenerationReport): Promise<{ image: GeneratedImage; seconds: StageSeconds }>;
  /** Enlarges one picture, whatever model is loaded; rejects as `generate` does when it is cancelled. */
  upscale(job: UpscaleJob, report: UpscaleReport): Promise<GeneratedImage>;
  /** Whether a picture is to be blurred, whatever model is loaded; rejects as `generate` does when it is cancelled. */
  check(job: SafetyJob, report: BackendReport): Promise<boolean>;
  /** Restores the faces of one picture, whatever model is loaded; rejects as `generate` does when it is cancelled. */
  restore(job: FaceJob, report: FaceReport): Promise<RestoredFaces>;
  /** Finds what a text names in a picture, whatever model is loaded; rejects as `generate` does when it is cancelled. */
  segment(job: SegmentJob, report: BackendReport): Promise<HeatMap>;
  /** What is loaded at this moment. */
  status(): Pick<ProcessStatus, "models" | "sessions">;
}
