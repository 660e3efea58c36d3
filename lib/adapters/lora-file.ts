import { stat } from "node:fs/promises";
import { join } from "node:path";
import { openTorchSource } from "../checkpoints/pickle/open-torch-file.js";
import { openSafetensors } from "../checkpoints/safetensors.js";
import type { TensorRef } from "../checkpoints/tensor.js";
import { DreamError } from "../errors.js";
import { isJsonObject, type JsonObject, readJsonObject } from "../json-file.js";
import type { AdaptedNetwork } from "./lora-keys.js";
import { type RankScaling, readRankScaling } from "./rank-scaling.js";

/** A LoRA's tensors, still on disk, and what is written beside them about their strength. */
export interface LoraFile {
  /** Names it in messages. */
  readonly path: string;
  readonly tensors: ReadonlyMap<string, TensorRef>;
  readonly scaling: Readonly<Partial<Record<AdaptedNetwork, RankScaling>>>;
}

/** The weights in a LoRA folder: PEFT's names and diffusers', the preferred ones first. */
export const FOLDER_WEIGHTS: readonly string[] = [
  "adapter_model.safetensors",
  "pytorch_lora_weights.safetensors",
  "adapter_model.bin",
  "pytorch_lora_weights.bin",
];
const PEFT_CONFIG = "adapter_config.json";
/** Where diffusers keeps PEFT's configurations in a file: one object, each network's entries behind its prefix. */
const DIFFUSERS_METADATA = "lora_adapter_metadata";
const LONGEST_METADATA = 1024 * 1024;

/**
 * Opens a LoRA; no numbers are read.
 * @param path a .safetensors file, one that torch wrote, or a folder as PEFT and diffusers write them
 * @throws DreamError lora/unsuitable for a DoRA, and what the readers of both formats throw
 */
export async function openLora(path: string): Promise<LoraFile> {
  const facts = await stat(path).catch(() => undefined);
  if (!facts?.isDirectory()) return openFile(path);
  const config = join(path, PEFT_CONFIG);
  const name = await existing(path, FOLDER_WEIGHTS);
  const opened = await openFile(join(path, name ?? "adapter_model.safetensors"));
  if ((await stat(config).catch(() => undefined)) === undefined) return opened;
  const scaling = scalingIn(config, await readJsonObject(config, "lora/unsuitable"));
  return { ...opened, scaling: { unet: scaling, textEncoder: scaling } };
}

async function existing(folder: string, names: readonly string[]): Promise<string | undefined> {
  for (const name of names) {
    if ((await stat(join(folder, name)).catch(() => undefined)) !== undefined) return name;
  }
  return undefined;
}

async function openFile(path: string): Promise<LoraFile> {
  if (!path.toLowerCase().endsWith(".safetensors")) {
    const source = await openTorchSource(path);
    const entries = [...source.keys()].map((key) => [key, source.get(key)] as const);
    return { path, tensors: new Map(entries.filter((entry): entry is [string, TensorRef] => entry[1] !== undefined)), scaling: {} };
  }
  const { tensors, metadata } = await openSafetensors(path);
  const config = parseMetadata(metadata.get(DIFFUSERS_METADATA));
  return {
    path,
    tensors,
    scaling: { unet: scalingIn(path, config, "unet."), textEncoder: scalingIn(path, config, "text_encoder.") },
  };
}

/** @throws DreamError lora/unsuitable for a DoRA */
function scalingIn(origin: string, config: JsonObject, prefix = ""): RankScaling | undefined {
  if (config[`${prefix}use_dora`] === true) throw new DreamError("lora/unsuitable", `${origin} describes a DoRA, which is not supported`);
  return readRankScaling(config, prefix);
}

/** What is not readable says nothing. */
function parseMetadata(text: string | undefined): JsonObject {
  if (text === undefined || text.length > LONGEST_METADATA) return {};
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : {};
  } catch {
    return {};
  }
}
