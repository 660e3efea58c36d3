import { setImmediate as eventLoopTurn } from "node:timers/promises";
import { PromptEncoder } from "../conditioning/encode-prompt.js";
import type { BackendReport, LoadReport } from "../engine/backend.js";
import { estimateHeld, estimateNetwork, estimateWeights, type MemoryMode, type PictureSize } from "../engine/memory.js";
import type { GenerationJob } from "../engine/protocol.js";
import { DreamError } from "../errors.js";
import { createExportedNetworks } from "../networks/exported-onnx.js";
import { createNetworks, type Networks, type TextEncoder } from "../networks/network-sessions.js";
import type { WeightDeltas } from "../networks/weight-delta.js";
import { swapsWords } from "../prompt/parse-prompt.js";
import { AdaptedNetworks, type Painter } from "./adapted-networks.js";
import { type OpenedModel, pixelsPerLatent } from "./opened-model.js";
import { createPreviewDecoder, type PreviewDecoder } from "./preview-decoder.js";

/** What networks are built for. */
export interface NetworkSetting {
  readonly mode: MemoryMode;
  readonly seamless: GenerationJob["seamless"];
}

/** A model with its networks, which build their sessions when they are needed and again after they were released. */
export class LiveModel {
  /** The largest picture that the memory mode is known to suffice for. */
  #largest: PictureSize;
  /** Pixels of the largest one for which it suffices with the VAE's encoder in memory; 0 while that is not loaded. */
  #largestEncoded = 0;
  /** The same for pictures whose prompts swap words. */
  #largestSwapped = 0;
  readonly prompts: PromptEncoder;
  /** The same with LoRAs; absent where the weights cannot be changed. */
  readonly adapted: AdaptedNetworks | undefined;

  private constructor(
    readonly opened: OpenedModel,
    readonly setting: NetworkSetting,
    readonly networks: Networks,
    readonly previewDecoder: PreviewDecoder | undefined,
    size: PictureSize,
  ) {
    this.#largest = size;
    this.admit(size);
    const { components, tokenizer } = opened;
    const makePrompts = (textEncoder: TextEncoder) => new PromptEncoder(tokenizer, textEncoder);
    this.prompts = makePrompts(networks.textEncoder);
    if (components.layout === "onnx") return;
    this.adapted = new AdaptedNetworks(components, networks, this.prompts, makePrompts, (network, deltas) =>
      this.#bytesOf(network, deltas),
    );
  }

  /**
   * Takes no memory worth counting before `prepare`.
   * @param size of the picture that the memory mode was chosen for
   * @throws DreamError weights/*, model/unsupported
   */
  static async create(
    opened: OpenedModel,
    setting: NetworkSetting,
    size: PictureSize,
    onNotice: (text: string) => void,
  ): Promise<LiveModel> {
    const networks = await networksOf(opened, setting, onNotice);
    const previewDecoder = opened.previewDecoder && createPreviewDecoder(opened.previewDecoder, opened.request.threads);
    return new LiveModel(opened, setting, networks, previewDecoder, size);
  }

  /** Bytes that this model takes between two pictures, as predicted. */
  get heldBytes(): number {
    return this.plainBytes + (this.adapted?.heldBytes ?? 0);
  }

  /** The same without what LoRAs made of it. */
  get plainBytes(): number {
    return estimateHeld(this.opened.components, this.#largest, this.setting.mode);
  }

  /** What of it draws pictures without LoRAs alone: kernels are shared. */
  get painterBytes(): number {
    return this.#bytesOf("unet", new Map()) + this.#bytesOf("textEncoder", new Map());
  }

  #bytesOf(network: "unet" | "textEncoder", deltas: WeightDeltas): number {
    const { components } = this.opened;
    return components.layout === "onnx" ? 0 : estimateNetwork(components, this.#largest, this.setting.mode, network, deltas);
  }

  /** Bytes of its weights as the networks hold them, estimated. */
  get weightBytes(): number {
    return estimateWeights(this.opened.components, this.#largest, this.setting.mode) + (this.adapted?.heldBytes ?? 0);
  }

  /** What the memory mode is known to suffice for. */
  get largest(): PictureSize {
    return this.#largest;
  }

  /** What a picture needs of this model: the VAE's encoder stays where a picture needed it once. */
  needsOf({ width, height, init }: Pick<GenerationJob, "width" | "height" | "init">, prompt: string): PictureSize {
    return { width, height, encodes: init !== undefined || this.#largestEncoded > 0, swaps: swapsWords(prompt) };
  }

  /** Whether the memory mode was chosen with smaller pictures in mind, without the VAE's encoder or without swaps. */
  outgrows(needs: PictureSize): boolean {
    const known = [area(this.#largest)];
    if (needs.encodes) known.push(this.#largestEncoded);
    if (needs.swaps) known.push(this.#largestSwapped);
    return area(needs) > Math.min(...known);
  }

  /** Remembers that the memory mode suffices for this, too. */
  admit(needs: PictureSize): void {
    if (needs.encodes) this.#largestEncoded = Math.max(this.#largestEncoded, area(needs));
    if (needs.swaps) this.#largestSwapped = Math.max(this.#largestSwapped, area(needs));
    const { width, height } = area(needs) > area(this.#largest) ? needs : this.#largest;
    this.#largest = { width, height, encodes: this.#largestEncoded > 0, swaps: this.#largestSwapped > 0 };
  }

  /**
   * Builds what the first step of a picture needs. The VAE is only wanted after the last one and made then.
   * Exported graphs can only be checked by opening them; ours were checked before.
   */
  async prepare(size: PictureSize, report: LoadReport): Promise<void> {
    const { networks, prompts, opened } = this;
    const scale = pixelsPerLatent(opened.components);
    const latent = { height: size.height / scale, width: size.width / scale };
    report.stage("text encoder");
    await letCancelIn(report);
    // First, because its kernels are computed by threads of their own while this one does the rest.
    const unet = networks.unet.prepare({ batch: 2, ...latent });
    try {
      await prompts.prepare();
      report.stage("unet");
      await letCancelIn(report);
    } finally {
      // Whoever releases what is half done must find it done.
      await Promise.allSettled([unet]);
    }
    await unet;
    if (opened.components.layout !== "onnx") return;
    report.stage("vae");
    await letCancelIn(report);
    await networks.vaeDecoder.prepare(latent);
  }

  /** What draws pictures without LoRAs. */
  async painter(): Promise<Painter> {
    return this.adapted?.plainPainter() ?? { unet: this.networks.unet, prompts: this.prompts };
  }

  /** Gives the memory back. A picture asked for later builds the sessions again. */
  async release(): Promise<void> {
    await this.adapted?.release();
    const { textEncoder, unet, vaeDecoder, vaeEncoder } = this.networks;
    for (const network of [textEncoder, unet, vaeDecoder, vaeEncoder, this.previewDecoder]) await network?.release();
  }
}

function area({ width, height }: PictureSize): number {
  return width * height;
}

export async function letCancelIn({ signal }: BackendReport): Promise<void> {
  await eventLoopTurn();
  signal.throwIfAborted();
}

async function networksOf(
  { components, request }: OpenedModel,
  { mode, seamless }: NetworkSetting,
  onNotice: (text: string) => void,
): Promise<Networks> {
  const { threads, modelCache, path } = request;
  if (components.layout !== "onnx") return createNetworks(components, { threads, memory: mode, modelCache, seamless, onNotice });
  if (seamless === "") return createExportedNetworks(components, { threads, memory: mode });
  throw new DreamError("model/unsupported", `${path} holds exported graphs, whose padding cannot be made circular`);
}
