import type { RgbPicture } from "../pixels/encode-png.js";
import type { PixelSize } from "../pixels/resize.js";

/** Where a tile lies. */
interface Corner {
  readonly left: number;
  readonly top: number;
}

/** A rectangle of a picture; it lies inside. */
export function cutTile({ width, rgb }: RgbPicture, { left, top }: Corner, tile: PixelSize): RgbPicture {
  const cut = new Uint8Array(tile.width * tile.height * 3);
  for (let y = 0; y < tile.height; y++) {
    const from = ((top + y) * width + left) * 3;
    cut.set(rgb.subarray(from, from + tile.width * 3), y * tile.width * 3);
  }
  return { ...tile, rgb: cut };
}

/**
 * Lays a tile over an opaque canvas: tile·level + canvas·(255 − level), over 255, rounded.
 *
 * @param canvas changed
 * @param levels how opaque each pixel of the tile is
 */
export function layTile(canvas: RgbPicture, tile: RgbPicture, levels: Uint8Array, { left, top }: Corner): void {
  for (let y = 0; y < tile.height; y++) {
    for (let x = 0; x < tile.width; x++) {
      const level = levels[y * tile.width + x]!;
      const to = ((top + y) * canvas.width + left + x) * 3;
      const from = (y * tile.width + x) * 3;
      for (let channel = 0; channel < 3; channel++) {
        const below = canvas.rgb[to + channel]!;
        canvas.rgb[to + channel] = Math.round(below + ((tile.rgb[from + channel]! - below) * level) / 255);
      }
    }
  }
}
