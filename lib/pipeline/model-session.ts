import { basename } from "node:path";
import type { BackendReport, EngineBackend, FaceReport, GenerationReport, LoadReport, UpscaleReport } from "../engine/backend.js";
import type {
  FaceJob,
  GeneratedImage,
  GenerationJob,
  HeatMap,
  LoadedModel,
  LoadRequest,
  ProcessStatus,
  RestoredFaces,
  SafetyJob,
  SegmentJob,
  StageSeconds,
  UpscaleJob,
} from "../engine/protocol.js";
import { DreamError } from "../errors.js";
import type { Embedding } from "../models/embeddings/embedding-library.js";
import type { ModelComponents } from "../models/model-components.js";
import { openSessions } from "../onnx/open-sessions.js";
import type { MakeRoom, Painter } from "./adapted-networks.js";
import { checkWeights } from "./check-weights.js";
import { FaceSession } from "./face-session.js";
import { findRoomBeside } from "./find-room-beside.js";
import { largestPass, type SmallSizes } from "./hires.js";
import { makePicture } from "./inpaint.js";
import { LiveModel, letCancelIn } from "./live-model.js";
import { findRoom, LoadedModels } from "./loaded-models.js";
import { OfferedEmbeddings } from "./offered-embeddings.js";
import { openFiles, pixelsPerLatent } from "./opened-model.js";
import { SafetySession } from "./safety-session.js";
import { SegmentSession } from "./segment-session.js";
import { SIZE_STEP } from "./txt2img.js";
import { UpscalerSession } from "./upscaler-session.js";

/** The engine's real backend: the loaded models, and pictures from the active one, whose networks are rebuilt when a picture needs them otherwise. */
export class ModelSession implements EngineBackend {
  readonly #models = new LoadedModels();
  readonly #upscaler = new UpscalerSession();
  readonly #embeddings = new OfferedEmbeddings();
  readonly #safety = new SafetySession();
  readonly #segmenter = new SegmentSession();
  readonly #faces = new FaceSession();

  async load(request: LoadRequest, report: LoadReport): Promise<LoadedModel> {
    const started = performance.now();
    const known = await this.#models.find(request);
    if (known !== undefined) {
      await this.#models.activate(known, request.keep ?? 1);
      const { embeddings, notices } = await this.#embeddings.offer(request.embeddings, known.networks.textEncoder);
      return describe(known, embeddings, { notices, fromMemory: true, seconds: secondsSince(started) });
    }
    // Everything that can be refused is refused here, while the present model still stands.
    report.stage("files");
    const opened = await openFiles(request);
    const { components } = opened;
    checkWeights(components);
    const candidates = this.#models.besideNew(request);
    await this.#releaseTools();
    const { mode, notice, staying } = await findRoom(components, components.nativeSize, request.memory, candidates);
    const next = await LiveModel.create(opened, { mode, seamless: "" }, components.nativeSize, report.notice);
    await letCancelIn(report);

    this.#announceLeaving(request, candidates, staying, report.notice);
    await this.#models.add(next, components.nativeSize, staying, report);
    const offered = await this.#embeddings.offer(request.embeddings, next.networks.textEncoder);
    const notices = [...(notice === undefined ? [] : [notice]), ...offered.notices];
    return describe(next, offered.embeddings, { notices, fromMemory: false, seconds: secondsSince(started) });
  }

  async generate(job: GenerationJob, report: GenerationReport): Promise<{ image: GeneratedImage; seconds: StageSeconds }> {
    const live = await this.#networksFor(job, report);
    const { unet, prompts } = await this.#painterFor(live, job, report);
    const { networks, previewDecoder } = live;
    const { components, preview } = live.opened;
    const { embeddings, notices } = await this.#embeddings.offer(live.opened.request.embeddings, networks.textEncoder);
    for (const notice of notices) report.notice(notice);
    prompts.offerEmbeddings(embeddings);
    return makePicture(
      {
        prompts,
        unet,
        vaeDecoder: networks.vaeDecoder,
        vaeEncoder: networks.vaeEncoder,
        scheduler: components.scheduler,
        unetChannels: components.layout === "onnx" ? 4 : components.unet.config.inChannels,
        scalingFactor: components.layout === "onnx" ? components.scalingFactor : components.vae.config.scalingFactor,
        vaeScale: pixelsPerLatent(components),
        preview,
        previewDecoder,
        ...smallSizes(components),
      },
      job,
      report,
    );
  }

  upscale(job: UpscaleJob, report: UpscaleReport): Promise<GeneratedImage> {
    return this.#upscaler.upscale(job, report);
  }

  check(job: SafetyJob, report: BackendReport): Promise<boolean> {
    return this.#safety.check(job, report);
  }

  segment(job: SegmentJob, report: BackendReport): Promise<HeatMap> {
    return this.#segmenter.segment(job, report);
  }

  restore(job: FaceJob, report: FaceReport): Promise<RestoredFaces> {
    return this.#faces.restore(job, report);
  }

  status(): Pick<ProcessStatus, "models" | "sessions"> {
    const { all, active } = this.#models;
    const models = all.map((model) => {
      const { components, request } = model.opened;
      const { weightBytes, setting } = model;
      return { path: request.path, family: components.family, memoryMode: setting.mode, weightBytes, active: model === active };
    });
    return { models, sessions: openSessions() };
  }

  /** The active model, its networks replaced when the picture needs another memory mode or other padding. */
  async #networksFor(job: GenerationJob, report: GenerationReport): Promise<LiveModel> {
    const { active, waiting } = this.#models;
    if (active === undefined) throw new DreamError("engine/failed", "no model is loaded");
    const { opened, setting } = active;
    // What else runs on the machine must not make the mode change from picture to picture.
    const needs = active.needsOf(largestPass(job, smallSizes(opened.components)), job.prompt);
    const grown = active.outgrows(needs);
    if (grown) await this.#releaseTools();
    const { mode, notice, staying } = grown
      ? await findRoom(opened.components, needs, opened.request.memory, waiting)
      : { mode: setting.mode, notice: undefined, staying: waiting };
    this.#announceLeaving(opened.request, waiting, staying, report.notice);
    if (mode === setting.mode && job.seamless === setting.seamless) {
      await this.#models.retain(staying);
      // They were not counted: what they are for may want them larger, too.
      if (grown) await active.adapted?.release();
      active.admit(needs);
      return active;
    }
    if (mode !== setting.mode && notice !== undefined) report.notice(notice);
    const next = await LiveModel.create(opened, { mode, seamless: job.seamless }, grown ? needs : active.largest, report.notice);
    await this.#models.add(next, job, staying, { ...report, stage: () => {} });
    return next;
  }

  /** The model's own networks, or those with the picture's LoRAs beside them. */
  async #painterFor(live: LiveModel, { loras = [] }: GenerationJob, report: GenerationReport): Promise<Painter> {
    const { adapted, opened } = live;
    if (loras.length === 0) return live.painter();
    if (adapted === undefined) {
      report.notice(`${basename(opened.request.path)} holds exported graphs, whose weights LoRAs cannot change; drawn without them`);
      return live.painter();
    }
    const makeRoom: MakeRoom = async (bytes) => {
      const { waiting } = this.#models;
      await this.#releaseTools();
      const room = await findRoomBeside(live, adapted.sizes, waiting, bytes);
      this.#announceLeaving(opened.request, waiting, room.staying, report.notice);
      await this.#models.retain(room.staying);
      return room;
    };
    return adapted.provide(loras, makeRoom, report.notice, () => letCancelIn(report));
  }

  /** What works on finished pictures gives its memory back, which is about to be counted as free; whoever wants it next opens it again. */
  async #releaseTools(): Promise<void> {
    for (const tools of [this.#upscaler, this.#safety, this.#segmenter, this.#faces]) await tools.release();
  }

  /** Says which models are given up. With a limit of one that goes without saying. */
  #announceLeaving(
    { keep = 1 }: LoadRequest,
    candidates: readonly LiveModel[],
    staying: readonly LiveModel[],
    notice: (text: string) => void,
  ): void {
    const purging = (model: LiveModel) => `Purging ${basename(model.opened.request.path)}`;
    for (const model of this.#models.waiting.filter((other) => keep > 1 && !candidates.includes(other))) {
      notice(`Cache limit (max=${keep}) reached. ${purging(model)}`);
    }
    for (const model of candidates.filter((other) => !staying.includes(other))) notice(`Memory is needed. ${purging(model)}`);
  }
}

/** Exported graphs need whole tiles at every level; ours take any latents. */
function smallSizes(components: ModelComponents): SmallSizes {
  return { nativeSize: components.nativeSize, smallStep: components.layout === "onnx" ? SIZE_STEP : pixelsPerLatent(components) };
}

function describe(
  { opened, setting, networks }: LiveModel,
  embeddings: readonly Embedding[],
  news: { readonly notices: readonly string[]; readonly fromMemory: boolean; readonly seconds: number },
): LoadedModel {
  const { request, components, hash } = opened;
  const { family, layout, nativeSize } = components;
  const usable = networks.textEncoder.addTokens === undefined ? [] : embeddings;
  const triggers = usable.map(({ trigger, vectors, file }) => ({ trigger, vectors, file }));
  return { path: request.path, family, layout, ...nativeSize, memoryMode: setting.mode, triggers, hash, ...news };
}

function secondsSince(started: number): number {
  return (performance.now() - started) / 1000;
}
