import { setImmediate as eventLoopTurn } from "node:timers/promises";
import { PromptEncoder } from "../conditioning/encode-prompt.js";
import { type ClipTokenizer, loadTokenizer } from "../conditioning/tokenizer.js";
import { availableMemory, ownMemory } from "../engine/available-memory.js";
import type { BackendReport, EngineBackend, GenerationReport, LoadReport } from "../engine/backend.js";
import { chooseMemoryMode, type MemoryChoice, type PictureSize } from "../engine/memory.js";
import type { GeneratedImage, GenerationJob, LoadedModel, LoadRequest, StageSeconds } from "../engine/protocol.js";
import { DreamError } from "../errors.js";
import type { ModelComponents } from "../models/model-components.js";
import { vaeScale } from "../models/open-diffusers.js";
import { openModel } from "../models/open-model.js";
import { weightsHash } from "../models/weights-hash.js";
import { createExportedNetworks } from "../networks/exported-onnx.js";
import { createNetworks, type Networks } from "../networks/network-sessions.js";
import { type PreviewMatrix, readPreviewMatrix } from "./latent-preview.js";
import { txt2img } from "./txt2img.js";

/** A model whose files were read and understood, before any network exists. */
interface OpenedModel {
  readonly request: LoadRequest;
  readonly components: ModelComponents;
  readonly tokenizer: ClipTokenizer;
  readonly preview: PreviewMatrix;
}

/** What the present networks were built for. */
interface NetworkSetting {
  readonly mode: MemoryChoice["mode"];
  readonly seamless: GenerationJob["seamless"];
}

interface LiveModel extends OpenedModel, NetworkSetting {
  /** Pixels of the largest picture that the memory mode was chosen for. */
  area: number;
  readonly networks: Networks;
  readonly prompts: PromptEncoder;
}

/** The engine's real backend: one model at a time, its networks rebuilt when a picture needs them otherwise. */
export class ModelSession implements EngineBackend {
  #live: LiveModel | undefined;

  async load(request: LoadRequest, report: LoadReport): Promise<LoadedModel> {
    const started = performance.now();
    // Everything that can be refused is refused here, while the present model still stands.
    report.stage("files");
    const opened = await openFiles(request);
    const { components } = opened;
    const { mode, notice } = chooseMemoryMode(components, components.nativeSize, request.memory, await reachableMemory());
    const hash = await weightsHash(weightFiles(components), request.modelCache);
    await letCancelIn(report);

    await this.#replace(opened, { mode, seamless: "" }, components.nativeSize, report);
    return {
      path: request.path,
      family: components.family,
      layout: components.layout,
      ...components.nativeSize,
      memoryMode: mode,
      notices: notice === undefined ? [] : [notice],
      hash,
      seconds: (performance.now() - started) / 1000,
    };
  }

  async generate(job: GenerationJob, report: GenerationReport): Promise<{ image: GeneratedImage; seconds: StageSeconds }> {
    const live = await this.#networksFor(job, report);
    const { components, networks, prompts, preview } = live;
    return txt2img(
      {
        prompts,
        unet: networks.unet,
        vaeDecoder: networks.vaeDecoder,
        scheduler: components.scheduler,
        unetChannels: components.layout === "onnx" ? 4 : components.unet.config.inChannels,
        scalingFactor: components.layout === "onnx" ? components.scalingFactor : components.vae.config.scalingFactor,
        vaeScale: pixelsPerLatent(components),
        preview,
      },
      job,
      report,
    );
  }

  /** The present model, its networks replaced when the picture needs another memory mode or other padding. */
  async #networksFor(job: GenerationJob, report: GenerationReport): Promise<LiveModel> {
    const live = this.#live;
    if (live === undefined) throw new DreamError("engine/failed", "no model is loaded");
    // What else runs on the machine must not make the mode change from picture to picture.
    const grown = job.width * job.height > live.area;
    const { mode, notice }: MemoryChoice = grown
      ? chooseMemoryMode(live.components, job, live.request.memory, await reachableMemory())
      : { mode: live.mode };
    if (grown && mode === live.mode) live.area = job.width * job.height;
    if (mode === live.mode && job.seamless === live.seamless) return live;
    if (mode !== live.mode && notice !== undefined) report.notice(notice);
    return this.#replace(live, { mode, seamless: job.seamless }, job, { ...report, stage: () => {} });
  }

  /** Builds other networks in place of the present ones, which come back when that fails. */
  async #replace(opened: OpenedModel, setting: NetworkSetting, size: PictureSize, report: LoadReport): Promise<LiveModel> {
    const previous = this.#live;
    await this.#release();
    try {
      return await this.#build(opened, setting, size, report);
    } catch (failure) {
      await this.#release();
      if (previous !== undefined) await this.#build(previous, previous, previous.components.nativeSize);
      throw failure;
    }
  }

  /** Builds all networks for one picture size, so that faulty weights are found now and not after the first picture's steps. */
  async #build(opened: OpenedModel, setting: NetworkSetting, size: PictureSize, report?: LoadReport): Promise<LiveModel> {
    const { request, components, tokenizer, preview } = opened;
    const { mode, seamless } = setting;
    const networks = await networksOf(components, request, setting, report?.notice);
    const prompts = new PromptEncoder(tokenizer, networks.textEncoder);
    const area = size.width * size.height;
    const live: LiveModel = { request, components, tokenizer, preview, mode, seamless, area, networks, prompts };
    this.#live = live;
    const scale = pixelsPerLatent(components);
    const latent = { height: size.height / scale, width: size.width / scale };
    const stages: readonly (readonly [string, () => Promise<unknown>])[] = [
      ["text encoder", () => prompts.encode("", 0)],
      ["unet", () => networks.unet.prepare({ batch: 2, ...latent })],
      ["vae", () => networks.vaeDecoder.prepare(latent)],
    ];
    for (const [name, prepare] of stages) {
      report?.stage(name);
      if (report !== undefined) await letCancelIn(report);
      await prepare();
    }
    return live;
  }

  async #release(): Promise<void> {
    const networks = this.#live?.networks;
    this.#live = undefined;
    if (networks === undefined) return;
    for (const network of [networks.textEncoder, networks.unet, networks.vaeDecoder, networks.vaeEncoder]) await network.release();
  }
}

async function networksOf(
  components: ModelComponents,
  { threads, modelCache, path }: LoadRequest,
  { mode, seamless }: NetworkSetting,
  onNotice?: (text: string) => void,
): Promise<Networks> {
  if (components.layout !== "onnx") return createNetworks(components, { threads, memory: mode, modelCache, seamless, onNotice });
  if (seamless === "") return createExportedNetworks(components, { threads, memory: mode });
  throw new DreamError("model/unsupported", `${path} holds exported graphs, whose padding cannot be made circular`);
}

async function openFiles(request: LoadRequest): Promise<OpenedModel> {
  const components = await openModel(request.path, { config: request.config, vae: request.vae });
  const { folder, pad } = components.tokenizer;
  return { request, components, tokenizer: await loadTokenizer(folder, pad), preview: await readPreviewMatrix(request.path) };
}

/** What the next networks may take: what is free, and what the present ones give back. */
async function reachableMemory(): Promise<number> {
  return (await availableMemory()) + (await ownMemory());
}

/** Weights without the small text files beside them: the same weights have the same hash whatever their folder says about them. */
function weightFiles({ files }: ModelComponents): readonly string[] {
  return files.filter((file) => !/\.(json|txt|yaml)$/.test(file));
}

function pixelsPerLatent(components: ModelComponents): number {
  return components.layout === "onnx" ? 8 : vaeScale(components.vae.config);
}

async function letCancelIn({ signal }: BackendReport): Promise<void> {
  await eventLoopTurn();
  signal.throwIfAborted();
}
