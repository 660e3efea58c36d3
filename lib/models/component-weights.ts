import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { openWeights } from "../checkpoints/open-weights.js";
import { openShardedSource } from "../checkpoints/safetensors.js";
import type { WeightSource } from "../checkpoints/tensor.js";
import { DreamError } from "../errors.js";
import { fileError } from "../json-file.js";

/** The names a component's weights may have, best first. `variant` follows the spelling of diffusers. */
function candidates(stem: string): string[] {
  const variants = ["fp16", "bf16", "non_ema"];
  // transformers has a name of its own for files by torch.
  const byTorch = stem === "model" ? "pytorch_model" : stem;
  return [
    `${stem}.safetensors`,
    `${stem}.safetensors.index.json`,
    ...variants.flatMap((variant) => [`${stem}.${variant}.safetensors`, `${stem}.safetensors.index.${variant}.json`]),
    `${byTorch}.bin`,
    ...variants.map((variant) => `${byTorch}.${variant}.bin`),
  ];
}

/**
 * Opens the weights of one component of a diffusers folder: whole or in shards, full or half precision; by torch only where there is no
 * .safetensors file.
 * @param folder `unet/`, `vae/` or `text_encoder/`
 * @param stem `diffusion_pytorch_model`, or `model` for the text encoder
 * @throws DreamError model/missing-file (naming what is there instead), and what the readers of both formats throw
 */
export async function openComponentWeights(folder: string, stem: string): Promise<WeightSource> {
  const names = await listFolder(folder);
  const found = candidates(stem).find((name) => names.includes(name));
  if (found !== undefined) {
    const path = join(folder, found);
    return found.endsWith(".json") ? openShardedSource(path) : (await openWeights(path)).weights;
  }
  const other = names.find((name) => /\.(bin|ckpt|pt|msgpack)$/.test(name));
  if (other !== undefined) throw new DreamError("model/missing-file", `${folder} has ${other} but no ${stem}.safetensors`);
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
