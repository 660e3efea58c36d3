import { DreamError } from "../../errors.js";
import type { RgbPicture, TransparentPicture } from "./encode-png.js";
import { MAX_MADE_PIXELS } from "./grid.js";
import { type PixelSize, resizePicture } from "./resize.js";

/** Pixels of the longest side of an enlarged picture. */
const MAX_SIDE = 16384;

/** Makes the sharper one of the two enlargements that are mixed. */
export type Sharper = (picture: RgbPicture, size: PixelSize) => Promise<RgbPicture>;

/**
 * Enlarges a picture (`-U factor strength`): with an upscaler, or with the Lanczos filter, which is what can be had without one: edges stay as
 * soft as they were, nothing is invented. Below strength 1 the result is mixed with a bicubic enlargement, as in InvokeAI:
 * bicubic·(1 − strength) + sharper·strength. Transparency is enlarged for itself: the colours below it stay, which inpainting goes on from.
 *
 * @param factor of both sides; sizes are rounded down
 * @param strength 0 to 1
 * @param onTurn called some twenty times a second; what it throws ends the work
 * @param sharper the Lanczos filter when absent
 * @throws DreamError usage/line for a factor below 1, usage/strength, image/too-large above 16384 pixels a side or 256 megapixels
 */
export async function enlarge(
  picture: TransparentPicture,
  factor: number,
  strength: number,
  onTurn?: () => void,
  sharper: Sharper = (source, size) => resizePicture(source, size, "lanczos", onTurn),
): Promise<TransparentPicture> {
  if (!(factor >= 1)) throw new DreamError("usage/line", `-U ${factor} does not enlarge: give a factor of 1 or more, as in -U 2`);
  if (!(strength >= 0 && strength <= 1)) {
    throw new DreamError("usage/strength", `-U ${factor} ${strength}: the strength is a number from 0 to 1`);
  }
  const { width, height } = checkEnlargedSize(picture, factor);
  // At factor 1 nothing is resized, and the caller's own pixels must not be mixed.
  if (width === picture.width && height === picture.height) return picture;
  const size = { width, height };
  const enlarged = await mixture(picture, size, strength, sharper, onTurn);
  if (picture.alpha === undefined) return enlarged;
  const { rgb } = await mixture(
    greyOf(picture, picture.alpha),
    size,
    strength,
    (grey) => resizePicture(grey, size, "lanczos", onTurn),
    onTurn,
  );
  return { ...enlarged, alpha: firstChannel(rgb) };
}

/**
 * Pixels of an enlarged picture.
 * @throws DreamError image/too-large above 16384 pixels a side or 256 megapixels
 */
export function checkEnlargedSize(picture: PixelSize, factor: number): PixelSize {
  const width = Math.floor(picture.width * factor);
  const height = Math.floor(picture.height * factor);
  if (Math.max(width, height) <= MAX_SIDE && width * height <= MAX_MADE_PIXELS) return { width, height };
  const limit = `at most ${MAX_SIDE} a side and ${MAX_MADE_PIXELS / 2 ** 20} megapixels in all`;
  throw new DreamError("image/too-large", `-U ${factor} would make ${width}×${height} pixels; choose a factor that makes ${limit}`);
}

async function mixture(picture: RgbPicture, size: PixelSize, strength: number, sharper: Sharper, onTurn?: () => void): Promise<RgbPicture> {
  if (strength === 0) return resizePicture(picture, size, "bicubic", onTurn);
  const sharp = await sharper(picture, size);
  if (strength === 1) return sharp;
  const softer = await resizePicture(picture, size, "bicubic", onTurn);
  mixInto(sharp.rgb, softer.rgb, 1 - strength);
  return sharp;
}

function greyOf({ width, height }: RgbPicture, levels: Uint8Array): RgbPicture {
  const rgb = new Uint8Array(levels.length * 3);
  for (let i = 0; i < rgb.length; i++) rgb[i] = levels[Math.floor(i / 3)]!;
  return { width, height, rgb };
}

function firstChannel(rgb: Uint8Array): Uint8Array {
  const levels = new Uint8Array(rgb.length / 3);
  for (let i = 0; i < levels.length; i++) levels[i] = rgb[i * 3]!;
  return levels;
}

/** In place: a picture of the largest size takes 768 MiB. */
function mixInto(pixels: Uint8Array, others: Uint8Array, part: number): void {
  for (let i = 0; i < pixels.length; i++) pixels[i] = Math.round(pixels[i]! + (others[i]! - pixels[i]!) * part);
}
