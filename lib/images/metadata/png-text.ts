import { crc32, inflateSync } from "node:zlib";
import encodeChunks from "png-chunks-encode";
import extractChunks from "png-chunks-extract";
import { DreamError } from "../../errors.js";

/** One text chunk. */
export interface PngText {
  /** 1 to 79 Latin-1 characters. */
  readonly keyword: string;
  readonly text: string;
}

/**
 * Bounds for files of others: every text together as it is stored (Imagine puts a whole picture into one), what all compressed ones
 * inflate to, and the number of chunks.
 */
const MAX_STORED_BYTES = 8 * 1024 * 1024;
const MAX_INFLATED_BYTES = 2 * 1024 * 1024;
const MAX_CHUNKS = 100_000;

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
/** Signature, then the header chunk: length, name, 13 bytes, checksum. */
const HEADER_END = SIGNATURE.length + 12 + 13;
const TEXT_CHUNKS = new Set(["tEXt", "zTXt", "iTXt"]);

/**
 * Puts text chunks behind the header of a PNG, where every reader looks: tEXt when the text is Latin-1, else iTXt (as Pillow writes).
 *
 * @param png a PNG that we made ourselves
 */
export function withPngText(png: Uint8Array, texts: readonly PngText[]): Uint8Array {
  const encoded = encodeChunks(texts.map(textChunk)).subarray(SIGNATURE.length);
  const out = new Uint8Array(png.length + encoded.length);
  out.set(png.subarray(0, HEADER_END));
  out.set(encoded, HEADER_END);
  out.set(png.subarray(HEADER_END), HEADER_END + encoded.length);
  return out;
}

/**
 * Reads the text chunks of any PNG, before and after the pixels.
 *
 * @param png untrusted bytes
 * @param name of the file, for the sentence
 * @throws DreamError image/not-png, or image/unreadable when the file is cut off or holds more text than 8 MiB, 2 MiB of it inflated
 */
export function readPngText(png: Uint8Array, name: string): PngText[] {
  const chunks = extractChunks(onlyTextChunks(png, name));
  let budget = MAX_INFLATED_BYTES;
  const texts: PngText[] = [];
  for (const { name: kind, data } of chunks) {
    if (!TEXT_CHUNKS.has(kind)) continue;
    const { inflated, ...text } = decodeText(kind, Buffer.from(data), budget, name);
    budget -= inflated;
    texts.push(text);
  }
  return texts;
}

/**
 * A PNG of header, text chunks and end alone. png-chunks-extract believes every length field (40 hostile bytes took it seconds and
 * gigabytes), so lengths are checked here, and the pixels need not be copied.
 */
function onlyTextChunks(png: Uint8Array, name: string): Uint8Array {
  if (SIGNATURE.some((byte, i) => png[i] !== byte)) throw new DreamError("image/not-png", `${name} is not a PNG file`);
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength);
  const parts: Uint8Array[] = [SIGNATURE];
  let kept = 0;
  let offset = SIGNATURE.length;
  for (let count = 0; ; count++) {
    if (count === MAX_CHUNKS) throw unreadable(name, "has too many chunks");
    if (offset + 12 > png.length) throw unreadable(name, "is cut off");
    const length = view.getUint32(offset);
    const end = offset + 12 + length;
    if (end > png.length) throw unreadable(name, "is cut off or has a chunk with a wrong length");
    const kind = String.fromCharCode(...png.subarray(offset + 4, offset + 8));
    if ((count === 0) !== (kind === "IHDR")) throw unreadable(name, "does not begin with one header");
    const chunk = png.subarray(offset, end);
    if (kind === "IHDR") {
      if (!checksumFits(chunk)) throw unreadable(name, "has a damaged header");
      parts.push(chunk);
    } else if (kind === "IEND") {
      parts.push(chunk);
    } else if (TEXT_CHUNKS.has(kind)) {
      kept += length;
      if (kept > MAX_STORED_BYTES) throw unreadable(name, "holds more than 8 MiB of text");
      // A text chunk with a bad checksum is left out: the others may still tell what made the picture.
      if (checksumFits(chunk)) parts.push(chunk);
    }
    if (kind === "IEND") return Buffer.concat(parts);
    offset = end;
  }
}

function checksumFits(chunk: Uint8Array): boolean {
  return crc32(chunk.subarray(4, -4)) === new DataView(chunk.buffer, chunk.byteOffset).getUint32(chunk.length - 4);
}

interface DecodedText extends PngText {
  /** Bytes that came of compressed ones. */
  readonly inflated: number;
}

function decodeText(kind: string, data: Buffer, budget: number, name: string): DecodedText {
  const keywordEnd = data.indexOf(0);
  if (keywordEnd < 1 || keywordEnd > 79) throw unreadable(name, "has a text chunk without a keyword");
  const keyword = data.toString("latin1", 0, keywordEnd);
  const body = data.subarray(keywordEnd + 1);
  if (kind === "tEXt") return { keyword, text: body.toString("latin1"), inflated: 0 };
  if (kind === "zTXt") {
    const text = inflate(body.subarray(1), budget, name);
    return { keyword, text: text.toString("latin1"), inflated: text.length };
  }
  const languageEnd = body.indexOf(0, 2);
  const translatedEnd = languageEnd < 0 ? -1 : body.indexOf(0, languageEnd + 1);
  if (translatedEnd < 0) throw unreadable(name, "has a damaged iTXt chunk");
  const stored = body.subarray(translatedEnd + 1);
  if (body[0] !== 1) return { keyword, text: stored.toString("utf8"), inflated: 0 };
  const text = inflate(stored, budget, name);
  return { keyword, text: text.toString("utf8"), inflated: text.length };
}

function inflate(data: Uint8Array, budget: number, name: string): Buffer {
  try {
    return inflateSync(data, { maxOutputLength: Math.max(budget, 1) });
  } catch (error) {
    throw unreadable(name, "has compressed text that is damaged or larger than 2 MiB", error);
  }
}

function textChunk({ keyword, text }: PngText): { name: string; data: Uint8Array } {
  const latin1 = Buffer.from(text, "latin1");
  if (latin1.toString("latin1") === text) return { name: "tEXt", data: Buffer.concat([Buffer.from(`${keyword}\0`, "latin1"), latin1]) };
  // Uncompressed, no language, no translated keyword.
  return { name: "iTXt", data: Buffer.concat([Buffer.from(`${keyword}\0\0\0\0\0`, "latin1"), Buffer.from(text, "utf8")]) };
}

function unreadable(name: string, what: string, cause?: unknown): DreamError {
  return new DreamError("image/unreadable", `${name} ${what}`, { cause });
}
