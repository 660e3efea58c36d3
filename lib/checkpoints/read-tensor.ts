import { open } from "node:fs/promises";
import { DreamError } from "../errors.js";
import { fileError } from "../json-file.js";
import { readFully } from "./safetensors.js";
import { DTYPE_BYTES, type DType, type TensorRef } from "./tensor.js";

/**
 * Reads one tensor as 32-bit floats, row-major.
 * @throws DreamError weights/dtype for integer and 8-bit types, safetensors/truncated, file/not-found, file/unreadable
 */
export async function readTensor(ref: TensorRef): Promise<Float32Array> {
  const values = new Float32Array(elementCount(ref));
  let done = 0;
  for await (const chunk of streamTensor(ref, Number.POSITIVE_INFINITY)) {
    if (done === 0 && chunk.length === values.length) return chunk;
    values.set(chunk, done);
    done += chunk.length;
  }
  return values;
}

/**
 * Reads one tensor as 32-bit floats piece by piece, so that a large one never lies in memory whole.
 * @param chunkElements elements per piece; the last one may be shorter. Each piece is a fresh array.
 * @throws as readTensor
 */
export async function* streamTensor(ref: TensorRef, chunkElements = 1 << 20): AsyncGenerator<Float32Array> {
  const width = DTYPE_BYTES[ref.dtype];
  assertFloat(ref);
  const total = elementCount(ref);
  if (total === 0) return;
  if (ref.bytes !== undefined) {
    for (let first = 0; first < total; first += chunkElements) {
      const start = ref.offset + first * width;
      yield toFloat32(ref.bytes.slice(start, start + Math.min(chunkElements, total - first) * width), ref.dtype);
    }
    return;
  }
  const handle = await open(ref.file, "r").catch((error: unknown) => {
    throw fileError(ref.file, error);
  });
  try {
    for (let first = 0; first < total; first += chunkElements) {
      const bytes = new Uint8Array(Math.min(chunkElements, total - first) * width);
      await readFully(handle, bytes, ref.offset + first * width, ref.file);
      yield toFloat32(bytes, ref.dtype);
    }
  } finally {
    await handle.close();
  }
}

/** Number of elements of a tensor. */
export function elementCount(ref: Pick<TensorRef, "shape">): number {
  return ref.shape.reduce((product, size) => product * size, 1);
}

/** True for the types that can be weights: F64, F32, F16, BF16. */
export function isFloat(dtype: DType): boolean {
  return dtype === "F64" || dtype === "F32" || dtype === "F16" || dtype === "BF16";
}

function assertFloat(ref: TensorRef): void {
  if (!isFloat(ref.dtype))
    throw new DreamError("weights/dtype", `${ref.key} in ${ref.file} is stored as ${ref.dtype}, which is not supported`);
}

/**
 * Widens little-endian elements to 32-bit floats, exactly (F64 is rounded to nearest). Infinities and NaN survive.
 * @param bytes whole elements of `dtype`; for F32 the result may share their memory
 * @throws DreamError weights/dtype for other types
 */
export function toFloat32(bytes: Uint8Array, dtype: DType): Float32Array {
  const count = bytes.byteLength / DTYPE_BYTES[dtype];
  // Typed arrays need an aligned start.
  const { buffer, byteOffset } = bytes.byteOffset % 8 === 0 ? bytes : bytes.slice();
  switch (dtype) {
    case "F32":
      return new Float32Array(buffer, byteOffset, count);
    case "F64":
      return new Float32Array(new Float64Array(buffer, byteOffset, count));
    case "BF16":
      return widenBFloat16(new Uint16Array(buffer, byteOffset, count));
    case "F16":
      return widenHalf(new Uint16Array(buffer, byteOffset, count));
    default:
      throw new DreamError("weights/dtype", `tensors stored as ${dtype} are not supported`);
  }
}

/** bfloat16 is the upper half of a float32. */
function widenBFloat16(source: Uint16Array): Float32Array {
  const bits = new Uint32Array(source.length);
  for (let i = 0; i < source.length; i++) bits[i] = source[i]! << 16;
  return new Float32Array(bits.buffer);
}

/** What a float16's exponent is short of when its bits are read as a float32's: 2^(127 − 15). */
const HALF_REBIAS = 2 ** 112;

function widenHalf(source: Uint16Array): Float32Array {
  const values = new Float32Array(source.length);
  widenHalfInto(source, values);
  return values;
}

/**
 * Widens float16 bits exactly. The sign, exponent and fraction are put where a float32 has them, and one multiplication, exact also for
 * subnormals, mends the exponent; infinities and NaN get theirs at once.
 * @param values as long as `source`
 */
export function widenHalfInto(source: Uint16Array, values: Float32Array): void {
  const bits = new Int32Array(values.buffer, values.byteOffset, values.length);
  for (let i = 0; i < source.length; i++) {
    const half = source[i]!;
    const special = (half & 0x7c00) === 0x7c00 ? 0x7f80_0000 : 0;
    bits[i] = ((half & 0x8000) << 16) | ((half & 0x7fff) << 13) | special;
  }
  for (let i = 0; i < values.length; i++) values[i] = values[i]! * HALF_REBIAS;
}
