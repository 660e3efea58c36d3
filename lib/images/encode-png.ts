import sharp from "sharp";
import { type PngText, withPngText } from "./png-text.js";

/** Pixels as the engine delivers them. */
export interface RgbPicture {
  readonly width: number;
  readonly height: number;
  /** width·height·3 bytes, row-major. */
  readonly rgb: Uint8Array;
}

/** A PNG file of a picture with its text chunks. */
export async function encodePng(picture: RgbPicture, texts: readonly PngText[]): Promise<Uint8Array> {
  const { width, height, rgb } = picture;
  const png = await sharp(rgb, { raw: { width, height, channels: 3 } })
    .png({ compressionLevel: 6 })
    .toBuffer();
  return withPngText(png, texts);
}
