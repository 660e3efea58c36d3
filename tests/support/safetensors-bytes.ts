import { DTYPE_BYTES, type DType } from "../../lib/checkpoints/tensor.js";

/** A tensor to write: `data` is zero-filled when absent. */
export interface TensorToWrite {
  readonly dtype?: DType;
  readonly shape: readonly number[];
  readonly data?: Uint8Array;
}

/** A well-formed .safetensors file. */
export function safetensorsBytes(tensors: Readonly<Record<string, TensorToWrite>>, metadata?: Record<string, string>): Uint8Array {
  const header: Record<string, unknown> = metadata === undefined ? {} : { __metadata__: metadata };
  const parts: Uint8Array[] = [];
  let end = 0;
  for (const [key, { dtype = "F32", shape, data }] of Object.entries(tensors)) {
    const bytes = data ?? new Uint8Array(shape.reduce((product, size) => product * size, DTYPE_BYTES[dtype]));
    header[key] = { dtype, shape, data_offsets: [end, end + bytes.byteLength] };
    end += bytes.byteLength;
    parts.push(bytes);
  }
  return withHeader(JSON.stringify(header), Buffer.concat(parts));
}

/** Any header text (or bytes) in front of any data: for files that are not well formed. */
export function withHeader(header: string | Uint8Array, data: Uint8Array = new Uint8Array(0)): Uint8Array {
  const json = typeof header === "string" ? new TextEncoder().encode(header) : header;
  const length = new DataView(new ArrayBuffer(8));
  length.setBigUint64(0, BigInt(json.byteLength), true);
  return Buffer.concat([new Uint8Array(length.buffer), json, data]);
}

/** The bytes of 32-bit floats. */
export function floatBytes(...values: number[]): Uint8Array {
  return new Uint8Array(new Float32Array(values).buffer);
}
