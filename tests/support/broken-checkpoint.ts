import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openSafetensors } from "../../lib/checkpoints/safetensors.js";
import { PACKAGE_ROOT } from "../../lib/package-root.js";
import { safetensorsBytes, type TensorToWrite } from "./safetensors-bytes.js";

const MINIATURES = join(PACKAGE_ROOT, "tests", "oracles", "miniatures");
const TOKEN_TABLE = "cond_stage_model.transformer.text_model.embeddings.token_embedding.weight";
const CLIP_TOKENS = 49408;

/**
 * Writes the miniature of SD 1.x as a single file, changed, with its side configuration. The token table gets as many rows as CLIP has
 * tokens, for a single file brings no vocabulary of its own.
 *
 * @param change adds, replaces or deletes tensors; replaced ones without data are zero
 * @returns the path
 */
export async function writeBrokenCheckpoint(
  folder: string,
  name: string,
  change: (tensors: Record<string, TensorToWrite>) => void,
): Promise<string> {
  const whole = join(MINIATURES, "sd1-fp16.safetensors");
  const bytes = readFileSync(whole);
  const tensors: Record<string, TensorToWrite> = {};
  for (const [key, { dtype, shape, offset, byteLength }] of (await openSafetensors(whole)).tensors) {
    tensors[key] = { dtype, shape, data: bytes.subarray(offset, offset + byteLength) };
  }
  tensors[TOKEN_TABLE] = { dtype: "F16", shape: [CLIP_TOKENS, tensors[TOKEN_TABLE]!.shape[1]!] };
  change(tensors);
  const path = join(folder, `${name}.safetensors`);
  writeFileSync(path, safetensorsBytes(tensors));
  copyFileSync(join(MINIATURES, "sd1.yaml"), join(folder, `${name}.yaml`));
  return path;
}
