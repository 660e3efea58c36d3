import type { TransparentPicture } from "../pixels/encode-png.js";

/** A mask is width·height bytes: 255 keeps a pixel of the picture, 0 paints it. */

/**
 * What a picture says as a mask: white or opaque keeps, black or transparent paints. Where nothing is transparent its brightness counts, by
 * ITU-R 601 with Pillow's whole-number weights.
 */
export function keptLevels({ rgb, alpha }: TransparentPicture): Uint8Array {
  if (alpha !== undefined) return alpha;
  return Uint8Array.from(
    { length: rgb.length / 3 },
    (_, i) => (rgb[i * 3]! * 19595 + rgb[i * 3 + 1]! * 38470 + rgb[i * 3 + 2]! * 7471 + 0x8000) >> 16,
  );
}

/** Paints what was kept and keeps what was painted (`--invert_mask`). */
export function invertedLevels(levels: Uint8Array): Uint8Array {
  return levels.map((level) => 255 - level);
}

/** What both keep. */
export function multipliedLevels(levels: Uint8Array, others: Uint8Array): Uint8Array {
  return levels.map((level, i) => Math.floor((level * others[i]!) / 255));
}
