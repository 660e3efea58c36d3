import { DreamError } from "../errors.js";
import type { NetworkDeltas } from "../networks/network-sessions.js";
import type { WeightDelta, WeightDeltas } from "../networks/weight-delta.js";
import type { AdaptableLayers } from "./adaptable-layers.js";
import { LARGEST_BYTES, readLora } from "./read-lora.js";

/** A LoRA of one picture. */
export interface LoraInUse {
  /** As the prompt calls it. */
  readonly name: string;
  /** Absolute path of its file or folder. */
  readonly path: string;
  /** Factor of its changes; negative ones take away what it was trained for. */
  readonly weight: number;
}

/** The changes of several LoRAs together. */
export interface CombinedLoras {
  readonly deltas: NetworkDeltas;
  /** Of all their numbers. */
  readonly bytes: number;
  /** What to tell: sentences without a final stop. */
  readonly notes: readonly string[];
}

/**
 * Reads LoRAs for a model and adds up what they change. One that cannot be used is left out, with a note that says why.
 * @param between called before each file is read; what it throws ends the reading
 * @param admit called with the bytes that each will take, before its numbers are read; a `memory/predicted` that it throws ends the reading, too
 */
export async function combineLoras(
  loras: readonly LoraInUse[],
  layers: AdaptableLayers,
  between: () => Promise<void>,
  admit?: (bytes: number) => Promise<void>,
): Promise<CombinedLoras> {
  const unet = new Map<string, WeightDelta[]>();
  const textEncoder = new Map<string, WeightDelta[]>();
  const notes: string[] = [];
  let bytes = 0;
  for (const { name, path, weight } of loras) {
    await between();
    try {
      const lora = await readLora(path, layers, LARGEST_BYTES - bytes, admit);
      addScaled(unet, lora.unet, weight);
      addScaled(textEncoder, lora.textEncoder, weight);
      bytes += lora.bytes;
      notes.push(...lora.notes);
    } catch (error) {
      if (!(error instanceof DreamError) || error.code === "memory/predicted") throw error;
      notes.push(`withLora(${name}) is left out: ${error.message}`);
    }
  }
  return { deltas: { unet, textEncoder }, bytes, notes };
}

function addScaled(sum: Map<string, WeightDelta[]>, deltas: WeightDeltas, weight: number): void {
  for (const [layer, changes] of deltas) {
    const scaled = changes.map((delta) => ({ ...delta, scale: delta.scale * weight }));
    sum.set(layer, [...(sum.get(layer) ?? []), ...scaled]);
  }
}
