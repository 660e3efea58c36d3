import { DreamError } from "../errors.js";
import { isJsonObject } from "../json-file.js";
import { describeLooseJson } from "./strict-json.js";
import { DTYPE_BYTES, type DType, type TensorRef } from "./tensor.js";

/** Largest JSON header that the format allows, in bytes. */
export const MAX_HEADER_BYTES = 100_000_000;
/** The header's length stands in front of it as a little-endian 64-bit number. */
export const LENGTH_BYTES = 8;

/** What the header of a .safetensors file says. */
export interface SafetensorsHeader {
  readonly metadata: ReadonlyMap<string, string>;
  readonly tensors: ReadonlyMap<string, TensorRef>;
}

/** What a failed download leaves under a model's name; read as a length, these bytes would say more than the format allows. */
const MISTAKEN_FOR_MODELS = [
  { begins: /^version /, what: "the placeholder of a Git LFS file, not the file itself" },
  { begins: /^\s*<(!doc|html|\?xml)/i, what: "a web page, not a safetensors file" },
  { begins: /^PK/, what: "a ZIP archive (perhaps a renamed .ckpt), not a safetensors file" },
  { begins: /^GGUF/, what: "a GGUF file, not a safetensors file" },
] as const;

/**
 * Checks the length field before anything is allocated for it.
 * @param prefix the first 8 bytes of the file, or fewer when it is shorter
 * @param fileSize bytes of the whole file
 * @returns bytes of the JSON header
 * @throws DreamError safetensors/truncated, safetensors/header
 */
export function headerLength(prefix: Uint8Array, fileSize: number, file: string): number {
  if (prefix.byteLength < LENGTH_BYTES) {
    throw new DreamError("safetensors/truncated", `${file} has only ${fileSize} bytes, too few for a safetensors file`);
  }
  const start = new TextDecoder("latin1").decode(prefix);
  const mistaken = MISTAKEN_FOR_MODELS.find(({ begins }) => begins.test(start));
  if (mistaken) throw new DreamError("safetensors/header", `${file} is ${mistaken.what}`);
  const length = new DataView(prefix.buffer, prefix.byteOffset, LENGTH_BYTES).getBigUint64(0, true);
  if (length > BigInt(MAX_HEADER_BYTES)) {
    throw new DreamError("safetensors/header", `${file} is not a safetensors file: its header would have ${length} bytes`);
  }
  if (length < 2n) throw new DreamError("safetensors/header", `${file} is not a safetensors file: its header has ${length} bytes`);
  if (LENGTH_BYTES + Number(length) > fileSize) {
    throw new DreamError("safetensors/truncated", `${file} ends inside its header (${fileSize} bytes, header of ${length})`);
  }
  return Number(length);
}

/**
 * Parses and validates a header: https://github.com/huggingface/safetensors#format
 *
 * @param header the JSON bytes
 * @param fileSize bytes of the whole file: the tensors must cover what follows the header exactly
 * @param file named in errors
 * @param path absolute path that the references carry; `file` where it is the same
 * @throws DreamError safetensors/header or safetensors/truncated, saying which rule is broken by which tensor
 */
export function parseSafetensorsHeader(header: Uint8Array, fileSize: number, file: string, path = file): SafetensorsHeader {
  const fail = (what: string) => new DreamError("safetensors/header", `${file}: ${what}`);
  const entries = Object.entries(parseHeaderJson(header, fail));
  const metadata = new Map<string, string>();
  const tensors = new Map<string, TensorRef>();
  const dataStart = LENGTH_BYTES + header.byteLength;
  for (const [key, value] of entries) {
    if (key === "__metadata__") readMetadata(value, metadata, fail);
    else tensors.set(key, readTensorEntry(key, value, dataStart, path, fail));
  }
  checkLayout([...tensors.values()], dataStart, fileSize, file, fail);
  return { metadata, tensors };
}

type Fail = (what: string) => DreamError;

function parseHeaderJson(header: Uint8Array, fail: Fail): object {
  // A byte-order mark or blanks in front would let two readers disagree about where the header starts.
  if (header[0] !== 0x7b) throw fail("the header does not start with '{'");
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(header);
  } catch {
    throw fail("the header is not valid UTF-8");
  }
  // JSON.parse keeps the last of two equal keys and would accept any depth: look at the text first.
  const loose = describeLooseJson(text, 3);
  if (loose !== undefined) throw fail(`the header ${loose}`);
  try {
    const value: unknown = JSON.parse(text);
    if (isJsonObject(value)) return value;
  } catch {
    // falls through
  }
  throw fail("the header is not valid JSON");
}

function readMetadata(value: unknown, metadata: Map<string, string>, fail: Fail): void {
  if (!isJsonObject(value)) throw fail("__metadata__ is not an object");
  for (const [key, text] of Object.entries(value)) {
    if (typeof text !== "string") throw fail(`__metadata__ entry ${quote(key)} is not a string`);
    metadata.set(key, text);
  }
}

function readTensorEntry(key: string, value: unknown, dataStart: number, file: string, fail: Fail): TensorRef {
  if (!isJsonObject(value)) throw fail(`tensor ${quote(key)} is not an object`);
  const { dtype, shape, data_offsets: offsets } = value;
  if (!isDType(dtype)) throw fail(`tensor ${quote(key)} has the unknown dtype ${quote(dtype)}`);
  if (!Array.isArray(shape) || !shape.every(isCount)) throw fail(`tensor ${quote(key)} has no valid shape`);
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount)) {
    throw fail(`tensor ${quote(key)} has no valid data_offsets`);
  }
  const [begin, end] = offsets as [number, number];
  if (end < begin) throw fail(`tensor ${quote(key)} ends before it begins`);
  const byteLength = shapeBytes(shape, dtype);
  if (byteLength === undefined) throw fail(`the shape of tensor ${quote(key)} is too large: [${shape.join(", ")}]`);
  if (byteLength !== end - begin) {
    throw fail(`tensor ${quote(key)} of ${dtype} [${shape.join(", ")}] needs ${byteLength} bytes but spans ${end - begin}`);
  }
  return { key, dtype, shape, file, offset: dataStart + begin, byteLength };
}

/** Product of the shape times the element size, or undefined where it leaves the exact integers. */
function shapeBytes(shape: readonly number[], dtype: DType): number | undefined {
  let bytes = DTYPE_BYTES[dtype];
  let overflow = false;
  for (const size of shape) {
    // Multiplying on after an overflow lets a later zero hide it, so remember it.
    bytes *= size;
    overflow ||= !Number.isSafeInteger(bytes);
  }
  return overflow ? undefined : bytes;
}

/** Tensors in file order must follow each other without hole or overlap and end where the file ends. */
function checkLayout(tensors: TensorRef[], dataStart: number, fileSize: number, file: string, fail: Fail): void {
  tensors.sort((a, b) => a.offset - b.offset || a.byteLength - b.byteLength);
  let end = dataStart;
  for (const tensor of tensors) {
    if (tensor.offset < end) throw fail(`tensor ${quote(tensor.key)} overlaps another`);
    if (tensor.offset > end) throw fail(`a hole of ${tensor.offset - end} bytes lies before tensor ${quote(tensor.key)}`);
    end = tensor.offset + tensor.byteLength;
    if (!Number.isSafeInteger(end)) throw fail(`tensor ${quote(tensor.key)} ends beyond any file`);
  }
  if (fileSize < end) throw new DreamError("safetensors/truncated", `${file} has ${fileSize} bytes but its header describes ${end}`);
  if (fileSize > end) throw fail(`${fileSize - end} bytes follow the last tensor`);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isDType(value: unknown): value is DType {
  return typeof value === "string" && Object.hasOwn(DTYPE_BYTES, value);
}

/** Names from a file may hold anything and be long: one printable line, shortened. */
function quote(value: unknown): string {
  const text = JSON.stringify(value) ?? "(none)";
  return text.length > 120 ? `${text.slice(0, 117)}…"` : text;
}
