import type { PixelSize } from "../pixels/resize.js";
import { boxBlur } from "./box-blur.js";
import { invertedLevels } from "./masks.js";
import { spreadLevels } from "./spread-levels.js";

/**
 * The mask that paints along the border of another mask's painted region: partly kept pixels and both sides of every hard border, widened by
 * half of `size`, then blurred. InvokeAI 2.3 finds hard borders with a Canny filter, which marks one side or the other.
 *
 * @param keep width·height bytes, 255 keeps
 * @param size in pixels
 * @param blur radius in pixels
 * @returns undefined when there is no border
 */
export function seamMask(keep: Uint8Array, extent: PixelSize, size: number, blur: number): Uint8Array | undefined {
  const border = findBorder(keep, extent);
  if (!border.includes(255)) return undefined;
  const wide = spreadLevels(border, extent, Math.floor(size / 2), "highest");
  return invertedLevels(boxBlur(wide, extent, blur));
}

function findBorder(keep: Uint8Array, { width, height }: PixelSize): Uint8Array {
  const border = new Uint8Array(keep.length);
  const isKept = (place: number) => keep[place]! >= 128;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const place = y * width + x;
      const level = keep[place]!;
      if (level !== 0 && level !== 255) border[place] = 255;
      if (x + 1 < width && isKept(place) !== isKept(place + 1)) border.fill(255, place, place + 2);
      if (y + 1 < height && isKept(place) !== isKept(place + width)) {
        border[place] = 255;
        border[place + width] = 255;
      }
    }
  }
  return border;
}
