import sharp from "sharp";
import { type PngText, withPngText } from "./png-text.js";

/** Pixels as the engine delivers them. */
export interface RgbPicture {
  readonly width: number;
  readonly height: number;
  /** width·height·3 bytes, row-major. */
  readonly rgb: Uint8Array;
}

/** What dream.py and InvokeAI write with, `-z` of a line. */
const COMPRESSION_LEVEL = 6;

/**
 * A PNG file of a picture with its text chunks.
 *
 * @param compressionLevel 0 (large and fast) to 9 (small and slow); the pixels are the same
 */
export async function encodePng(
  picture: RgbPicture,
  texts: readonly PngText[],
  compressionLevel: number = COMPRESSION_LEVEL,
): Promise<Uint8Array> {
  const { width, height, rgb } = picture;
  // Our own pixels are bounded where they are made.
  const png = await sharp(rgb, { raw: { width, height, channels: 3 }, limitInputPixels: false })
    .png({ compressionLevel })
    .toBuffer();
  return withPngText(png, texts);
}
