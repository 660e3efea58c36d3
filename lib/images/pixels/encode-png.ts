import sharp from "sharp";
import { type PngText, withPngText } from "../metadata/png-text.js";

/** Pixels as the engine delivers them. */
export interface RgbPicture {
  readonly width: number;
  readonly height: number;
  /** width·height·3 bytes, row-major. */
  readonly rgb: Uint8Array;
}

/** Pixels that may be transparent. */
export interface TransparentPicture extends RgbPicture {
  /** width·height bytes, 255 opaque; absent when all of it is opaque. */
  readonly alpha?: Uint8Array;
}

/** What dream.py and InvokeAI write with, `-z` of a line. */
const COMPRESSION_LEVEL = 6;

/**
 * A PNG file of a picture with its text chunks.
 *
 * @param compressionLevel 0 (large and fast) to 9 (small and slow); the pixels are the same
 */
export async function encodePng(
  picture: TransparentPicture,
  texts: readonly PngText[],
  compressionLevel: number = COMPRESSION_LEVEL,
): Promise<Uint8Array> {
  const { width, height, rgb, alpha } = picture;
  const pixels = alpha === undefined ? rgb : withAlpha(rgb, alpha);
  // Our own pixels are bounded where they are made.
  const png = await sharp(pixels, { raw: { width, height, channels: alpha === undefined ? 3 : 4 }, limitInputPixels: false })
    .png({ compressionLevel })
    .toBuffer();
  return withPngText(png, texts);
}

function withAlpha(rgb: Uint8Array, alpha: Uint8Array): Uint8Array {
  const rgba = new Uint8Array(alpha.length * 4);
  for (let i = 0; i < alpha.length; i++) {
    rgba[i * 4] = rgb[i * 3]!;
    rgba[i * 4 + 1] = rgb[i * 3 + 1]!;
    rgba[i * 4 + 2] = rgb[i * 3 + 2]!;
    rgba[i * 4 + 3] = alpha[i]!;
  }
  return rgba;
}
