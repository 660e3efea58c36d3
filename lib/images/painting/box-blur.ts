import type { PixelSize } from "../pixels/resize.js";

/**
 * The mean of the square of this radius around each pixel, across, then down, eight bits in between; the outermost levels go on beyond the
 * edges. The `BoxBlur` of Pillow.
 *
 * @param levels width·height bytes, not changed
 * @param radius in whole pixels, 0 or more
 */
export function boxBlur(levels: Uint8Array, { width, height }: PixelSize, radius: number): Uint8Array {
  if (radius === 0) return levels;
  const out = levels.slice();
  for (let y = 0; y < height; y++) blurLine(out, y * width, 1, width, radius);
  for (let x = 0; x < width; x++) blurLine(out, x, width, height, radius);
  return out;
}

function blurLine(levels: Uint8Array, start: number, stride: number, count: number, radius: number): void {
  const line = Uint8Array.from({ length: count }, (_, i) => levels[start + i * stride]!);
  const at = (place: number) => line[Math.min(Math.max(place, 0), count - 1)]!;
  let sum = 0;
  for (let place = -radius; place <= radius; place++) sum += at(place);
  for (let place = 0; place < count; place++) {
    levels[start + place * stride] = Math.round(sum / (2 * radius + 1));
    sum += at(place + radius + 1) - at(place - radius);
  }
}
