import type { TransparentPicture } from "../pixels/encode-png.js";

export const SIDES = ["top", "left", "bottom", "right"] as const;
export type Side = (typeof SIDES)[number];

/** Pixels that are added at each side. */
export type Extension = Readonly<Record<Side, number>>;

/** Share of the kept part along the border of a moved picture in which every second line is painted, too. */
const DITHERED = 0.1;

/** A picture on a larger canvas; what is new is black and transparent. */
export function extendPicture(picture: TransparentPicture, { top, left, bottom, right }: Extension): Required<TransparentPicture> {
  const canvas = blank(picture.width + left + right, picture.height + top + bottom);
  for (let y = 0; y < picture.height; y++) copyRow(picture, y * picture.width, canvas, (y + top) * canvas.width + left, picture.width);
  return canvas;
}

/**
 * A picture of the same size that was moved away from a side. What gets free is transparent over the mirror image of what lies beside it, and
 * within a tenth of it every second line of the kept part is transparent, too, so that painting finds its way across (InvokeAI 2.3).
 *
 * @param pixels more than 0, less than the side is long
 */
export function movePicture(picture: TransparentPicture, side: Side, pixels: number): Required<TransparentPicture> {
  const { width, height } = picture;
  const moved = blank(width, height);
  const across = side === "left" || side === "right";
  const length = across ? width : height;
  const dithered = Math.max(1, Math.round(pixels * DITHERED));
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const along = across ? x : y;
      // Counted from the side that gets free; below 0 the place is free.
      const depth = (side === "top" || side === "left" ? along : length - 1 - along) - pixels;
      const mirrored = Math.min(depth < 0 ? -1 - depth : depth, length - 1);
      const from = side === "top" || side === "left" ? mirrored : length - 1 - mirrored;
      const place = y * width + x;
      copyRow(picture, across ? y * width + from : from * width + x, moved, place, 1);
      if (depth < 0 || (depth < dithered && depth % 2 === 1)) moved.alpha[place] = 0;
    }
  }
  return moved;
}

function blank(width: number, height: number): Required<TransparentPicture> {
  return { width, height, rgb: new Uint8Array(width * height * 3), alpha: new Uint8Array(width * height) };
}

function copyRow(from: TransparentPicture, start: number, to: Required<TransparentPicture>, place: number, count: number): void {
  to.rgb.set(from.rgb.subarray(start * 3, (start + count) * 3), place * 3);
  if (from.alpha === undefined) to.alpha.fill(255, place, place + count);
  else to.alpha.set(from.alpha.subarray(start, start + count), place);
}
