import { join } from "node:path";
import { openTorchSource } from "../checkpoints/pickle/open-torch-file.js";
import type { WeightSource } from "../checkpoints/tensor.js";
import { listFolder, openComponentWeights } from "./component-weights.js";

/** How transformers called its weights before it wrote safetensors. */
const TORCH_FILE = "pytorch_model.bin";

/**
 * The weights in a folder of transformers: `model.safetensors`, whole or in shards, else `pytorch_model.bin`, which is read as data.
 * @returns undefined when there are none
 * @throws DreamError file/*, and what the readers of both formats throw
 */
export async function openToolWeights(folder: string): Promise<WeightSource | undefined> {
  const names = await listFolder(folder);
  if (names.some((name) => /\.safetensors(\.index\.json)?$/i.test(name))) return openComponentWeights(folder, "model");
  return names.includes(TORCH_FILE) ? openTorchSource(join(folder, TORCH_FILE)) : undefined;
}
