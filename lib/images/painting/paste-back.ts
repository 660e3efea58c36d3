import type { RgbPicture } from "../pixels/encode-png.js";
import { boxBlur } from "./box-blur.js";
import { multipliedLevels } from "./masks.js";
import { spreadLevels } from "./spread-levels.js";

/** What is pasted, and where. */
export interface KeptPixels {
  readonly original: RgbPicture;
  /** width·height bytes, 255 keeps. */
  readonly keep: Uint8Array;
  /** width·height bytes: where the original is transparent there is nothing to paste. */
  readonly alpha?: Uint8Array;
  /** Pixels: the kept part is narrowed by half of it, then blurred by it. */
  readonly softEdge: number;
}

/**
 * The original over a painted picture. The kept part ends softly, from 1.5·softEdge before the painted one to half of it within; before that
 * its pixels are the original's, bit for bit.
 */
export function pasteBack(painted: RgbPicture, { original, keep, alpha, softEdge }: KeptPixels): RgbPicture {
  const narrowed = spreadLevels(keep, painted, Math.floor(softEdge / 2), "lowest");
  const softened = boxBlur(narrowed, painted, softEdge);
  return mixed(painted, original, alpha === undefined ? softened : multipliedLevels(softened, alpha));
}

/** One picture over another, rounded. @param opacity width·height bytes: 255 shows `above` alone */
export function mixed(below: RgbPicture, above: RgbPicture, opacity: Uint8Array): RgbPicture {
  const { width, height } = below;
  const rgb = below.rgb.map((level, i) => {
    const part = opacity[Math.floor(i / 3)]!;
    return Math.round((above.rgb[i]! * part + level * (255 - part)) / 255);
  });
  return { width, height, rgb };
}
