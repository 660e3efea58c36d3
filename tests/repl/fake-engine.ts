import type { Engine, EngineStatus, Generated, GenerationHandlers } from "../../lib/engine/engine.js";
import type {
  FaceJob,
  GeneratedImage,
  GenerationJob,
  HeatMap,
  LatentPreview,
  LoadedModel,
  LoadRequest,
  ModelStatus,
  RestoredFaces,
  SafetyJob,
  SegmentJob,
  UpscaleJob,
} from "../../lib/engine/protocol.js";
import { isPreviewStep } from "../../lib/pipeline/latent-preview.js";

/** Paints a gradient from the seed and the first byte of the initial picture, one step a turn of the event loop (or a few milliseconds). */
export class FakeEngine implements Engine {
  readonly jobs: GenerationJob[] = [];
  /** Of every picture: whether somebody watched. Then every second step has a preview. */
  readonly watched: boolean[] = [];
  readonly loads: LoadRequest[] = [];
  readonly upscales: UpscaleJob[] = [];
  readonly checks: SafetyJob[] = [];
  readonly segments: SegmentJob[] = [];
  /** What is judged unsafe; may throw. */
  isUnsafe: (job: SafetyJob) => boolean = () => false;
  readonly faceJobs: FaceJob[] = [];
  cancels = 0;
  closed = false;
  /** Called before the step; may throw. */
  beforeStep: (step: number) => unknown = () => undefined;
  /** Called before a piece of a picture is enlarged; may throw. */
  beforePiece: (piece: number) => unknown = () => undefined;
  /** Called before a face is restored; may throw. */
  beforeFace: (face: number) => unknown = () => undefined;
  /** How many faces a picture has, and how many more are left as they are. */
  faces = 1;
  leftFaces = { tooSmall: 0, tooMany: 0 };
  loadFailure: Error | undefined;
  /** What the next models are like. */
  facts: Partial<LoadedModel> = {};
  /** What is said of every prompt. */
  notices: readonly string[] = [];
  /** What the status tells of loaded models. */
  loaded: readonly ModelStatus[] = [];
  stepMilliseconds = 0;
  private listener: (text: string) => void = () => {};
  private cancelled = false;

  async load(request: LoadRequest, onStage?: (stage: string) => void): Promise<LoadedModel> {
    this.loads.push(request);
    if (!this.facts.fromMemory) onStage?.("unet");
    await pause(this.stepMilliseconds);
    if (this.loadFailure) throw this.loadFailure;
    return {
      path: request.path,
      family: "SD 1.x",
      layout: "diffusers",
      width: 128,
      height: 64,
      memoryMode: "lean",
      triggers: [],
      notices: ["a notice of the model"],
      hash: "abc123",
      seconds: 0.5,
      fromMemory: false,
      ...this.facts,
    };
  }

  async generate(job: GenerationJob, handlers: GenerationHandlers = {}): Promise<Generated | "cancelled"> {
    this.jobs.push(job);
    const isWatched = handlers.livePreviews === true;
    this.watched.push(isWatched);
    this.cancelled = false;
    for (const notice of this.notices) handlers.onNotice?.(notice);
    if (job.logTokens)
      handlers.onTokens?.({ prompt: job.prompt, negative: "", texts: [{ label: "", tokens: [job.prompt], discarded: [] }] });
    for (let step = 1; step <= job.steps; step++) {
      await this.beforeStep(step);
      await pause(this.stepMilliseconds);
      if (this.cancelled) return "cancelled";
      const isShown = isPreviewStep(step, job.steps, handlers.previewEvery ?? 0) || (isWatched && step % 2 === 0);
      handlers.onStep?.(step, job.steps, isShown ? halfWhite(job) : undefined);
    }
    const noise = job.variations.reduce((sum, { seed }) => sum + seed, job.seed + (job.init?.rgb[0] ?? 0));
    const rgb = Uint8Array.from({ length: job.width * job.height * 3 }, (_, i) => (i + noise) % 256);
    return { image: { width: job.width, height: job.height, rgb }, seconds: { conditioning: 0, sampling: 0, decoding: 0 } };
  }

  /** Repeats pixels, in two pieces. */
  async upscale(job: UpscaleJob, onPiece?: (piece: number, pieces: number) => void): Promise<GeneratedImage | "cancelled"> {
    this.upscales.push(job);
    this.cancelled = false;
    const { picture, width, height } = job;
    for (let piece = 1; piece <= 2; piece++) {
      await this.beforePiece(piece);
      if (this.cancelled) return "cancelled";
      onPiece?.(piece, 2);
    }
    const rgb = new Uint8Array(width * height * 3);
    for (let i = 0; i < rgb.length; i++) {
      const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
      const from = Math.floor((y * picture.height) / height) * picture.width + Math.floor((x * picture.width) / width);
      rgb[i] = picture.rgb[from * 3 + (i % 3)]!;
    }
    return { width, height, rgb };
  }

  /** The left half of the map is what the text names, whatever it is. */
  async segment(job: SegmentJob): Promise<HeatMap | "cancelled"> {
    this.segments.push(job);
    return { side: 16, heat: Float32Array.from({ length: 256 }, (_, i) => (i % 16 < 8 ? 0.75 : 0.25)) };
  }

  async check(job: SafetyJob): Promise<boolean | "cancelled"> {
    this.checks.push(job);
    this.cancelled = false;
    const isUnsafe = this.isUnsafe(job);
    return this.cancelled ? "cancelled" : isUnsafe;
  }

  /** Inverts the first pixels: one for every face, whatever the strength is. */
  async restoreFaces(job: FaceJob, onStep?: (step: number, steps: number) => void): Promise<RestoredFaces | "cancelled"> {
    this.faceJobs.push(job);
    this.cancelled = false;
    const { width, height, rgb } = job.picture;
    for (let face = 1; face <= this.faces; face++) {
      await this.beforeFace(face);
      if (this.cancelled) return "cancelled";
      onStep?.(face, this.faces);
    }
    const changed = rgb.map((level, i) => (i < this.faces * 3 ? 255 - level : level));
    return { image: { width, height, rgb: changed }, restored: this.faces, ...this.leftFaces };
  }

  cancel(): void {
    this.cancels++;
    this.cancelled = true;
  }

  async status(): Promise<EngineStatus> {
    const totals = { conditioning: 0, sampling: 0, decoding: 0 };
    return { rssBytes: 1e6, peakRssBytes: 2e6, models: this.loaded, sessions: 0, pictures: this.jobs.length, totals, current: true };
  }

  onNotice(listener: (text: string) => void): void {
    this.listener = listener;
  }

  notify(text: string): void {
    this.listener(text);
  }

  async close(): Promise<void> {
    this.closed = true;
  }
}

/** A preview in the size of the latents, white on the right. */
function halfWhite(job: GenerationJob): LatentPreview {
  const [width, height] = [job.width / 8, job.height / 8];
  const rgb = Uint8Array.from({ length: width * height * 3 }, (_, i) => (Math.floor(i / 3) % width < width / 2 ? 0 : 255));
  return { width, height, rgb, span: 8 };
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resume) => setTimeout(resume, milliseconds));
}
