import type { WeightSource } from "../checkpoints/tensor.js";
import { listFolder, openComponentWeights } from "./component-weights.js";

/**
 * The weights in a folder of transformers, where there may be an exported graph instead.
 * @returns undefined when there are none
 * @throws as openComponentWeights
 */
export async function openToolWeights(folder: string): Promise<WeightSource | undefined> {
  const names = await listFolder(folder);
  const hasWeights = names.some((name) => /\.(safetensors|bin)(\.index\.json)?$/i.test(name));
  return hasWeights ? openComponentWeights(folder, "model") : undefined;
}
