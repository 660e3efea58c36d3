import { readFile, stat } from "node:fs/promises";
import { readTensor } from "../checkpoints/read-tensor.js";
import type { TensorRef } from "../checkpoints/tensor.js";
import { DreamError } from "../errors.js";
import { fileError } from "../json-file.js";

/** Larger files are read tensor by tensor. */
const LARGEST_WHOLE = 512e6;

/** Reads the many small tensors of one file, which is read at once: opening it for each would take longer than reading it. */
export class TensorReader {
  #whole: Promise<Uint8Array | undefined> | undefined;

  /** @throws DreamError as `readTensor` */
  async read(ref: TensorRef): Promise<Float32Array> {
    if (ref.bytes !== undefined) return readTensor(ref);
    this.#whole ??= readWhole(ref.file);
    const bytes = await this.#whole;
    if (bytes !== undefined && bytes.byteLength < ref.offset + ref.byteLength) {
      throw new DreamError("safetensors/truncated", `${ref.file} ends at byte ${bytes.byteLength}, inside a tensor`);
    }
    return readTensor({ ...ref, bytes });
  }
}

/** @returns undefined when the file is large */
async function readWhole(file: string): Promise<Uint8Array | undefined> {
  try {
    if ((await stat(file)).size > LARGEST_WHOLE) return undefined;
    const { buffer, byteOffset, byteLength } = await readFile(file);
    return new Uint8Array(buffer, byteOffset, byteLength);
  } catch (error) {
    throw fileError(file, error);
  }
}
