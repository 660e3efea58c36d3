import { readFileSync, writeFileSync } from "node:fs";
import { openSafetensors } from "../../lib/checkpoints/safetensors.js";
import type { DType } from "../../lib/checkpoints/tensor.js";
import { pickle } from "./pickle-bytes.js";
import { torchZip } from "./zip-bytes.js";

const STORAGES: Partial<Record<DType, string>> = { F32: "FloatStorage", F16: "HalfStorage", BF16: "BFloat16Storage", I64: "LongStorage" };

/**
 * Writes the tensors of a .safetensors file as torch.save would.
 * @param wrapper the entry under which they stand; absent: they are all that there is
 */
export async function writeTorchFile(from: string, to: string, wrapper?: string): Promise<void> {
  const bytes = readFileSync(from);
  const values: Record<string, Uint8Array> = {};
  const storages: Record<string, Uint8Array> = {};
  for (const [key, { dtype, shape, offset, byteLength }] of (await openSafetensors(from)).tensors) {
    const name = String(Object.keys(storages).length);
    storages[name] = bytes.subarray(offset, offset + byteLength);
    const elements = shape.reduce((product, extent) => product * extent, 1);
    const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, extent) => product * extent, 1));
    values[key] = pickle.tensor(pickle.storage(name, elements, STORAGES[dtype]), 0, shape, strides);
  }
  const tensors = pickle.dictionary(values);
  const step = { global_step: pickle.integer(5) };
  writeFileSync(to, torchZip(pickle.of(wrapper === undefined ? tensors : pickle.dictionary({ ...step, [wrapper]: tensors })), storages));
}
