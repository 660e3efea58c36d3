import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { openSafetensorsSource, openShardedSource } from "../checkpoints/safetensors.js";
import type { WeightSource } from "../checkpoints/tensor.js";
import { DreamError } from "../errors.js";
import { fileError } from "../json-file.js";

/** The names a component's weights may have, best first. `variant` follows the spelling of diffusers. */
function candidates(stem: string): string[] {
  const variants = ["fp16", "bf16", "non_ema"];
  return [
    `${stem}.safetensors`,
    `${stem}.safetensors.index.json`,
    ...variants.flatMap((variant) => [`${stem}.${variant}.safetensors`, `${stem}.safetensors.index.${variant}.json`]),
  ];
}

/**
 * Opens the weights of one component of a diffusers folder: whole or in shards, full or half precision.
 * @param folder `unet/`, `vae/` or `text_encoder/`
 * @param stem `diffusion_pytorch_model`, or `model` for the text encoder
 * @throws DreamError model/missing-file (naming what is there instead), and what the safetensors reader throws
 */
export async function openComponentWeights(folder: string, stem: string): Promise<WeightSource> {
  const names = await listFolder(folder);
  const found = candidates(stem).find((name) => names.includes(name));
  if (found !== undefined) {
    const path = join(folder, found);
    return found.endsWith(".json") ? openShardedSource(path) : openSafetensorsSource(path);
  }
  const pickled = names.find((name) => /\.(bin|ckpt|pt)$/.test(name));
  if (pickled !== undefined) {
    throw new DreamError("model/missing-file", `${folder} has ${pickled} but no ${stem}.safetensors, and only safetensors files are read`);
  }
  throw new DreamError("model/missing-file", `${join(folder, `${stem}.safetensors`)} does not exist`);
}

/** Names in a folder. @throws DreamError file/not-found, file/unreadable */
export async function listFolder(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    throw fileError(folder, error);
  }
}
