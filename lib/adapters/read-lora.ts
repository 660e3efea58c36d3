import { basename } from "node:path";
import type { TensorRef } from "../checkpoints/tensor.js";
import { DreamError } from "../errors.js";
import type { WeightDelta, WeightDeltas } from "../networks/weight-delta.js";
import type { AdaptableLayer, AdaptableLayers } from "./adaptable-layers.js";
import { type LoraFile, openLora } from "./lora-file.js";
import { type AdaptedNetwork, type LoraKey, type LoraPart, parseLoraKey } from "./lora-keys.js";
import { type PlannedDelta, planDelta } from "./plan-delta.js";
import { TensorReader } from "./tensor-reader.js";

/** What a LoRA changes in a model. */
export interface LoraDeltas {
  readonly unet: WeightDeltas;
  readonly textEncoder: WeightDeltas;
  /** Of all its numbers. */
  readonly bytes: number;
  /** Sentences worth showing, without a final stop. */
  readonly notes: readonly string[];
}

/** What the LoRAs of a picture may take together, widened to 32-bit floats; the largest single ones seen have half of it. */
export const LARGEST_BYTES = 4e9;

/**
 * Reads a LoRA for a model. Everything is compared with the model before any number is read: a file of which the larger part does not fit
 * is refused as a whole; layers that the model does not have, or has in other shapes, are left out with a note otherwise.
 * @param path a file or a folder
 * @param most bytes that it may take
 * @param admit called with the bytes that it will take, before any number is read; what it throws ends the reading
 * @throws DreamError lora/unsuitable, naming file and key, and as `openLora`
 */
export async function readLora(
  path: string,
  layers: AdaptableLayers,
  most = LARGEST_BYTES,
  admit?: (bytes: number) => Promise<void>,
): Promise<LoraDeltas> {
  const file = await openLora(path);
  const { modules, unknown } = sortTensors(file);
  const planned: { network: AdaptedNetwork; layer: AdaptableLayer; delta: PlannedDelta }[] = [];
  const homeless: string[] = [];
  const misfits: DreamError[] = [];
  for (const { key, parts } of modules.values()) {
    const layer = layers.find(key.network, key.layer);
    if (layer === undefined) {
      homeless.push(firstKey(parts));
      continue;
    }
    try {
      planned.push({ network: key.network, layer, delta: planDelta(file.path, parts, layer, file.scaling[key.network]) });
    } catch (error) {
      if (!(error instanceof DreamError)) throw error;
      misfits.push(error);
    }
  }
  const [misfit] = misfits;
  if (misfit !== undefined && misfits.length >= planned.length) throw misfit;
  if (planned.length === 0) throw stranger(file, homeless[0]);
  const bytes = planned.reduce((sum, { delta }) => sum + delta.bytes, 0);
  if (bytes > most) {
    const [size, limit] = [bytes, most].map((count) => `${(count / 1e9).toFixed(1)} GB`);
    throw new DreamError("lora/unsuitable", `${file.path} would take ${size}; at most ${limit} are read for this picture`);
  }
  await admit?.(bytes);
  const deltas = { unet: new Map<string, WeightDelta[]>(), textEncoder: new Map<string, WeightDelta[]>() };
  const reader = new TensorReader();
  for (const { network, layer, delta } of planned) {
    const known = deltas[network].get(layer.name) ?? [];
    deltas[network].set(layer.name, [...known, await delta.read(reader)]);
  }
  const notes = [
    ...(misfit ? [`${misfits.length} of ${modules.size} layers are left out: ${misfit.message}`] : []),
    ...leftOut(file, homeless, `${modules.size} layers are not in this model`),
    ...leftOut(file, unknown, `${file.tensors.size} tensors are not understood`),
  ];
  return { ...deltas, bytes, notes };
}

interface Module {
  readonly key: LoraKey;
  readonly parts: Map<LoraPart, TensorRef>;
}

/** The tensors by the module that they belong to, and the keys of those that belong to none. */
function sortTensors({ tensors }: LoraFile): { modules: ReadonlyMap<string, Module>; unknown: readonly string[] } {
  const modules = new Map<string, Module>();
  const unknown: string[] = [];
  for (const [name, ref] of tensors) {
    const key = parseLoraKey(name);
    if (key === undefined) {
      unknown.push(name);
      continue;
    }
    const module = modules.get(key.module) ?? { key, parts: new Map() };
    modules.set(key.module, module);
    module.parts.set(key.part, ref);
  }
  return { modules, unknown };
}

function stranger({ path, tensors }: LoraFile, homeless: string | undefined): DreamError {
  if (homeless !== undefined) {
    return new DreamError("lora/unsuitable", `${path} belongs to another kind of model: this one has no layer for ${shortened(homeless)}`);
  }
  const [first] = tensors.keys();
  const holds = first === undefined ? "it holds no tensors" : `its first tensor is ${shortened(first)}`;
  return new DreamError("lora/unsuitable", `${path} is not a LoRA: ${holds}`);
}

/** "ink.safetensors: 3 of 264 layers are not in this model (the first is …)" */
function leftOut({ path }: LoraFile, keys: readonly string[], ofAll: string): string[] {
  const [first] = keys;
  return first === undefined ? [] : [`${basename(path)}: ${keys.length} of ${ofAll} (the first is ${shortened(first)})`];
}

function firstKey(parts: ReadonlyMap<LoraPart, TensorRef>): string {
  const [ref] = parts.values();
  return ref?.key ?? "";
}

/** Names from a file may hold anything and be long: one printable line. */
function shortened(key: string): string {
  const text = JSON.stringify(key).slice(1, -1);
  return text.length > 120 ? `${text.slice(0, 117)}…` : text;
}
