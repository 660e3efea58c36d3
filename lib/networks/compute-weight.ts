import { closeSync, openSync, readSync } from "node:fs";
import { elementCount, toFloat32, widenHalfInto } from "../checkpoints/read-tensor.js";
import { DTYPE_BYTES, type TensorRef } from "../checkpoints/tensor.js";
import { DreamError } from "../errors.js";
import { fileError } from "../json-file.js";
import { toHalf } from "../onnx/half.js";
import { halfKernelTransform, type KernelTransform, kernelTransform } from "./convolution/transform-kernel.js";
import { addDelta, type WeightDelta } from "./weight-delta.js";
import type { WeightRequest } from "./weight-reader.js";

/** One weight to bring from its file into the form that graphs multiply with. Plain data: it may cross into another thread. */
export interface WeightTask {
  readonly request: WeightRequest;
  readonly stored: TensorRef;
  /** Changes of the original, applied first. */
  readonly deltas: readonly WeightDelta[];
}

/** float32 values, or the bits of float16 ones for half-precision forms. */
export type WeightData = Float32Array | Uint16Array;

/** Elements that are read and widened at a time: few enough to stay in the cache, a multiple of a 3×3 kernel. */
const CHUNK = 9 * 8192;

/**
 * Reads one weight, applies its deltas and brings it into its form. Only the result takes fresh memory: touching new pages would cost as
 * much time as the arithmetic.
 * @throws DreamError file/unreadable, safetensors/truncated, weights/dtype
 */
export function computeWeight({ request, stored, deltas }: WeightTask): WeightData {
  const { form, shape } = request;
  const channels = [shape[0] as number, shape[1] as number] as const;
  if (form === "im2col-half") return transformHalf(stored, deltas, halfKernelTransform(...channels));
  const count = elementCount(stored);
  const transform = form ? kernelTransform(form, ...channels) : asStored(count);
  if (deltas.length > 0) transform.add(withDeltas(stored, deltas), 0);
  else forEachChunk(stored, (values, first) => transform.add(values, form ? first / 9 : first));
  return transform.result;
}

function asStored(count: number): KernelTransform<Float32Array> {
  const result = new Float32Array(count);
  return { result, add: (values, first) => result.set(values, first) };
}

/** Float16 bits of a file move unchanged; anything else is rounded to them. */
function transformHalf(stored: TensorRef, deltas: readonly WeightDelta[], transform: KernelTransform<Uint16Array>): Uint16Array {
  if (stored.dtype === "F16" && deltas.length === 0) {
    forEachBytes(stored, (bytes, first) => transform.add(new Uint16Array(bytes.buffer, 0, bytes.byteLength / 2), first / 9));
  } else {
    transform.add(toHalf(withDeltas(stored, deltas)), 0);
  }
  return transform.result;
}

/** The whole weight with its changes. */
function withDeltas(stored: TensorRef, deltas: readonly WeightDelta[]): Float32Array {
  const values = new Float32Array(elementCount(stored));
  forEachChunk(stored, (chunk, first) => values.set(chunk, first));
  for (const delta of deltas) addDelta(values, stored.shape[0] as number, delta);
  return values;
}

/** Calls `use` with the widened elements, part by part; the array is used again for the next part. */
function forEachChunk(stored: TensorRef, use: (values: Float32Array, first: number) => void): void {
  const widened = new Float32Array(Math.min(CHUNK, elementCount(stored)));
  forEachBytes(stored, (bytes, first) => {
    if (stored.dtype !== "F16") return use(toFloat32(bytes, stored.dtype), first);
    const halves = new Uint16Array(bytes.buffer, 0, bytes.byteLength / 2);
    const values = widened.subarray(0, halves.length);
    widenHalfInto(halves, values);
    use(values, first);
  });
}

/** Calls `use` with the bytes of the file, part by part, at the start of a buffer that is used again for the next part. */
function forEachBytes(
  { file, offset, byteLength, dtype, bytes: memory }: TensorRef,
  use: (bytes: Uint8Array, firstElement: number) => void,
): void {
  const width = DTYPE_BYTES[dtype];
  const buffer = new Uint8Array(Math.min(CHUNK * width, byteLength));
  if (memory !== undefined) {
    for (let at = 0; at < byteLength; at += buffer.length) {
      const bytes = buffer.subarray(0, Math.min(buffer.length, byteLength - at));
      bytes.set(memory.subarray(offset + at, offset + at + bytes.length));
      use(bytes, at / width);
    }
    return;
  }
  let handle: number | undefined;
  try {
    handle = openSync(file, "r");
    for (let at = 0; at < byteLength; at += buffer.length) {
      const bytes = buffer.subarray(0, Math.min(buffer.length, byteLength - at));
      for (let done = 0; done < bytes.length; ) {
        const read = readSync(handle, bytes, done, bytes.length - done, offset + at + done);
        if (read === 0) throw new DreamError("safetensors/truncated", `${file} ends at byte ${offset + at + done}, inside a tensor`);
        done += read;
      }
      use(bytes, at / width);
    }
  } catch (error) {
    throw fileError(file, error);
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
}
