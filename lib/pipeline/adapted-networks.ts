import { stat } from "node:fs/promises";
import { AdaptableLayers } from "../adapters/adaptable-layers.js";
import { type CombinedLoras, combineLoras, type LoraInUse } from "../adapters/combine-loras.js";
import type { PromptEncoder } from "../conditioning/encode-prompt.js";
import { availableMemory } from "../engine/available-memory.js";
import { DreamError } from "../errors.js";
import type { WeightsModel } from "../models/model-components.js";
import type { AdaptableNetworks, Networks, TextEncoder, UNet } from "../networks/network-sessions.js";
import type { WeightDeltas } from "../networks/weight-delta.js";

/** What draws a picture with LoRAs, or without. */
export interface Painter {
  readonly unet: UNet;
  readonly prompts: PromptEncoder;
}

/** A model's networks with the changes of some LoRAs. */
interface Variant extends Painter {
  readonly key: string;
  readonly networks: AdaptableNetworks;
  /** What it takes beside the plain networks, estimated. */
  readonly bytes: number;
  readonly notes: readonly string[];
}

/** Finds room for a variant that will take so much, and says what of the same model has to go for it. */
export type MakeRoom = (bytes: number) => Promise<{ readonly leavingVariants: number; readonly plainLeaves: boolean }>;

/** Series that alternate between a few LoRAs need not build anything again. */
const MOST_KEPT = 3;

/**
 * The variants of a loaded model's networks that LoRAs made, beside the plain ones, which stay what they are. A variant is built from the
 * weights as they are stored, so that nothing has to be undone and no rounding can add up.
 */
export class AdaptedNetworks {
  /** The least recently used first. */
  #variants: readonly Variant[] = [];
  #layers: AdaptableLayers | undefined;
  /** There was no room for the plain networks beside a variant. */
  #plainLeft = false;

  /**
   * @param makePrompts the prompt encoder over a text encoder
   * @param bytesOf what a network takes, estimated
   */
  constructor(
    private readonly model: WeightsModel,
    private readonly plain: Networks,
    private readonly plainPrompts: PromptEncoder,
    private readonly makePrompts: (textEncoder: TextEncoder) => PromptEncoder,
    private readonly bytesOf: (network: "unet" | "textEncoder", deltas: WeightDeltas) => number,
  ) {}

  /** Bytes that all variants take, estimated. */
  get heldBytes(): number {
    return this.#variants.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Bytes of each, the least recently used first. */
  get sizes(): readonly number[] {
    return this.#variants.map(({ bytes }) => bytes);
  }

  /** The plain networks, for a picture without LoRAs. */
  async plainPainter(): Promise<Painter> {
    if (this.#plainLeft) await this.release();
    this.#plainLeft = false;
    return { unet: this.plain.unet, prompts: this.plainPrompts };
  }

  /**
   * The networks with the changes of these LoRAs; what cannot be used is left out and told.
   * @param makeRoom called before anything is built
   * @throws what `makeRoom` and `between` throw
   */
  async provide(
    loras: readonly LoraInUse[],
    makeRoom: MakeRoom,
    tell: (note: string) => void,
    between: () => Promise<void>,
  ): Promise<Painter> {
    const key = await keyOf(loras);
    let variant = this.#variants.find((other) => other.key === key);
    if (variant === undefined) {
      this.#layers ??= new AdaptableLayers(this.model);
      const combined = await combineLoras(loras, this.#layers, between, admitNumbers);
      variant = await this.#build(key, combined, makeRoom);
    }
    const others = this.#variants.filter((other) => other !== variant);
    this.#variants = [...others, variant];
    const needsPlain = this.#plainLeft && variant.unet === this.plain.unet;
    await this.shed(needsPlain ? others.length : this.#variants.length - MOST_KEPT);
    this.#plainLeft &&= !needsPlain;
    for (const note of variant.notes) tell(note);
    return variant;
  }

  async #build(key: string, { deltas, bytes, notes }: CombinedLoras, makeRoom: MakeRoom): Promise<Variant> {
    const changes = { unet: deltas.unet.size > 0, textEncoder: deltas.textEncoder.size > 0 };
    const bytesOf = (network: "unet" | "textEncoder") => (changes[network] ? this.bytesOf(network, deltas[network]) : 0);
    const networkBytes = bytesOf("unet") + bytesOf("textEncoder");
    if (networkBytes > 0) {
      const room = await makeRoom(networkBytes + bytes);
      await this.shed(room.leavingVariants);
      if (room.plainLeaves) await this.#releasePlain();
    }
    const networks = this.plain.adapt?.(deltas) ?? this.plain;
    const prompts = changes.textEncoder ? this.makePrompts(networks.textEncoder) : this.plainPrompts;
    return { key, networks, unet: networks.unet, prompts, bytes: networkBytes + bytes, notes };
  }

  /** Gives up some variants, the least recently used first. */
  async shed(count: number): Promise<void> {
    const leaving = this.#variants.slice(0, Math.max(0, count));
    this.#variants = this.#variants.slice(leaving.length);
    for (const { networks } of leaving) {
      if (networks.unet !== this.plain.unet) await networks.unet.release();
      if (networks.textEncoder !== this.plain.textEncoder) await networks.textEncoder.release();
    }
  }

  /** The next picture without LoRAs builds them again. */
  async #releasePlain(): Promise<void> {
    this.#plainLeft = true;
    await this.plain.unet.release();
    await this.plain.textEncoder.release();
  }

  release(): Promise<void> {
    return this.shed(this.#variants.length);
  }
}

/** @throws DreamError memory/predicted when the numbers of a LoRA would not fit into what is free */
async function admitNumbers(bytes: number): Promise<void> {
  if (bytes <= (await availableMemory())) return;
  throw new DreamError("memory/predicted", `a LoRA of this picture holds ${(bytes / 1e9).toFixed(1)} GB of numbers, more than is free`);
}

/** The same LoRAs with the same weights, as long as their files are the same. A folder's time says when a file in it was replaced. */
async function keyOf(loras: readonly LoraInUse[]): Promise<string> {
  const facts = loras.map(async ({ name, path, weight }) => {
    const { size, mtimeMs } = await stat(path).catch(() => ({ size: -1, mtimeMs: -1 }));
    return [name, path, weight, size, mtimeMs];
  });
  return JSON.stringify(await Promise.all(facts));
}
