import { deflateSync } from "node:zlib";
import encodeChunks from "png-chunks-encode";

interface Chunk {
  readonly name: string;
  readonly data: Uint8Array;
}

const HEADER: Chunk = { name: "IHDR", data: Buffer.from([0, 0, 0, 1, 0, 0, 0, 1, 8, 2, 0, 0, 0]) };
const PIXEL: Chunk = { name: "IDAT", data: deflateSync(Buffer.alloc(4)) };
const END: Chunk = { name: "IEND", data: Buffer.alloc(0) };

/** A PNG of one black pixel with chunks before and behind it. */
export function pngWithChunks(before: readonly Chunk[], behind: readonly Chunk[] = []): Uint8Array {
  return encodeChunks([HEADER, ...before, PIXEL, ...behind, END]);
}

/** A text chunk of each kind. */
export const textChunk = {
  tEXt: (keyword: string, text: string): Chunk => ({ name: "tEXt", data: Buffer.from(`${keyword}\0${text}`, "latin1") }),
  zTXt: (keyword: string, text: string): Chunk => ({
    name: "zTXt",
    data: Buffer.concat([Buffer.from(`${keyword}\0\0`, "latin1"), deflateSync(Buffer.from(text, "latin1"))]),
  }),
  iTXt: (keyword: string, text: string): Chunk => ({ name: "iTXt", data: Buffer.from(`${keyword}\0\0\0\0\0${text}`, "utf8") }),
  compressedITXt: (keyword: string, text: string): Chunk => ({
    name: "iTXt",
    data: Buffer.concat([Buffer.from(`${keyword}\0\x01\0en\0\0`, "latin1"), deflateSync(Buffer.from(text, "utf8"))]),
  }),
};
