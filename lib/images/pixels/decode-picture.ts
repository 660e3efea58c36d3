import { constants } from "node:fs";
import { open } from "node:fs/promises";
import sharp, { type Metadata, type Sharp } from "sharp";
import { DreamError } from "../../errors.js";
import { errorCode } from "../names/output-folder.js";
import type { TransparentPicture } from "./encode-png.js";

/** Bounds for files of others, looked at before anything is decoded. */
const MAX_PIXELS = 100_000_000;
const MAX_FILE_BYTES = 256 * 1024 * 1024;

export interface DecodedPicture extends TransparentPicture {
  /** What the user should know about the file, one sentence each. */
  readonly notes: readonly string[];
}

export type PictureFormat = "PNG" | "JPEG" | "WebP" | "GIF";

/** First bytes of the formats that are read. Sharp knows more, among them SVG and PDF, which can name other files. */
const SIGNATURES: readonly (readonly [format: PictureFormat, test: (head: Buffer) => boolean])[] = [
  ["PNG", (head) => head.subarray(0, 8).equals(Buffer.from("\x89PNG\r\n\x1a\n", "latin1"))],
  ["JPEG", (head) => head.subarray(0, 3).equals(Buffer.of(0xff, 0xd8, 0xff))],
  ["WebP", (head) => head.toString("latin1", 0, 4) === "RIFF" && head.toString("latin1", 8, 12) === "WEBP"],
  ["GIF", (head) => /^GIF8[79]a/.test(head.toString("latin1", 0, 6))],
];

/**
 * Reads a picture file of the user's.
 *
 * @throws DreamError file/not-found, file/unreadable, or as `decodePicture`
 */
export async function readPicture(path: string): Promise<DecodedPicture> {
  return decodePicture(await readPictureBytes(path), path);
}

/**
 * Pixels of a PNG, JPEG, WebP or GIF file as 8-bit sRGB, turned as its EXIF orientation says. Of an animation it is the first frame.
 *
 * @param bytes untrusted
 * @param name of the file, for the sentence
 * @throws DreamError image/unreadable, image/too-large
 */
export async function decodePicture(bytes: Uint8Array, name: string): Promise<DecodedPicture> {
  const format = pictureFormat(bytes, name);
  try {
    // The header alone, however large it says the picture is: the sentence below names the size.
    const metadata = await sharp(bytes, { limitInputPixels: false, pages: 1 }).metadata();
    checkSize(metadata, name);
    // "error": a warning about a colour profile is no reason to refuse what every viewer shows.
    const image = sharp(bytes, { failOn: "error", limitInputPixels: MAX_PIXELS, pages: 1 });
    const frames = metadata.pages ?? 1;
    const notes = frames > 1 ? [`${name} is an animation of ${frames} frames; its first frame is used`] : [];
    return { ...(await pixels(image)), notes };
  } catch (error) {
    throw unreadable(error, format, name);
  }
}

/**
 * The format of a file, by its first bytes.
 *
 * @param name of the file, for the sentence
 * @throws DreamError image/unreadable when it is none that is read
 */
export function pictureFormat(bytes: Uint8Array, name: string): PictureFormat {
  if (bytes.length === 0) throw new DreamError("image/unreadable", `${name} is empty`);
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 16));
  const format = SIGNATURES.find(([, test]) => test(head))?.[0];
  if (format === undefined) throw new DreamError("image/unreadable", `${name} is not a picture that can be read`);
  return format;
}

function checkSize({ width, height }: Metadata, name: string): void {
  if (width * height <= MAX_PIXELS) return;
  const limit = `more than ${MAX_PIXELS / 1_000_000} megapixels`;
  throw new DreamError("image/too-large", `${name} says it has ${width}×${height} pixels, ${limit}; make it smaller first`);
}

async function pixels(image: Sharp): Promise<TransparentPicture> {
  const { data, info } = await image.autoOrient().toColourspace("srgb").raw({ depth: "uchar" }).toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  if (channels === 3) return { width, height, rgb: new Uint8Array(data.buffer, data.byteOffset, data.length) };
  const area = width * height;
  const rgb = new Uint8Array(area * 3);
  const alpha = new Uint8Array(area);
  for (let i = 0; i < area; i++) {
    rgb[i * 3] = data[i * 4]!;
    rgb[i * 3 + 1] = data[i * 4 + 1]!;
    rgb[i * 3 + 2] = data[i * 4 + 2]!;
    alpha[i] = data[i * 4 + 3]!;
  }
  return alpha.every((opacity) => opacity === 255) ? { width, height, rgb } : { width, height, rgb, alpha };
}

function unreadable(error: unknown, format: string, name: string): DreamError {
  if (error instanceof DreamError) return error;
  return new DreamError("image/unreadable", `${name} is a ${format} file that is damaged or cut off`, { cause: error });
}

/**
 * The bytes of a picture file, if it is a file and has at most 256 MiB; its size is asked of the open file, so that it cannot change in
 * between.
 *
 * @throws DreamError file/not-found, file/unreadable, image/too-large
 */
export async function readPictureBytes(path: string): Promise<Uint8Array> {
  try {
    // Without O_NONBLOCK a pipe that nobody writes to would hold the program for ever; Windows has neither.
    const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    try {
      const info = await file.stat();
      if (!info.isFile()) throw new DreamError("file/unreadable", `${path} is not a file`);
      if (info.size > MAX_FILE_BYTES) {
        throw new DreamError("image/too-large", `${path} is larger than ${MAX_FILE_BYTES / 2 ** 20} MiB; make it smaller first`);
      }
      return await file.readFile();
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof DreamError) throw error;
    if (errorCode(error) === "ENOENT") throw new DreamError("file/not-found", `${path} does not exist`, { cause: error });
    throw new DreamError("file/unreadable", `${path} cannot be read (${errorCode(error)})`, { cause: error });
  }
}
