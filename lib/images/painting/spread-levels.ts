import type { PixelSize } from "../pixels/resize.js";

/** Pixels to the left of a pixel (and above it), and to its right (and below it); each 0 or more. */
export interface Reach {
  readonly before: number;
  readonly behind: number;
}

/**
 * Every level becomes the lowest one (erosion) or the highest one (dilation) in the square around it. With as many pixels before as behind, that
 * is what as many passes of a 3×3 window give. Beyond the edge there is nothing. D. Lemire, "Streaming maximum-minimum filter" (2006): two
 * comparisons a pixel, however large the square is.
 *
 * @param levels width·height levels, not changed
 * @param reach pixels on each side, or as many on both
 */
export function spreadLevels<Levels extends Uint8Array | Float32Array>(
  levels: Levels,
  { width, height }: PixelSize,
  reach: number | Reach,
  to: "lowest" | "highest",
): Levels {
  const { before, behind } = typeof reach === "number" ? { before: reach, behind: reach } : reach;
  if (before + behind === 0) return levels;
  const out = levels.slice() as Levels;
  for (let y = 0; y < height; y++) spreadLine(out, { start: y * width, stride: 1, count: width }, { before, behind }, to);
  for (let x = 0; x < width; x++) spreadLine(out, { start: x, stride: width, count: height }, { before, behind }, to);
  return out;
}

/** Pixels of one row or column. */
interface Line {
  readonly start: number;
  readonly stride: number;
  readonly count: number;
}

function spreadLine(
  levels: Uint8Array | Float32Array,
  { start, stride, count }: Line,
  { before, behind }: Reach,
  to: "lowest" | "highest",
): void {
  const line = Float32Array.from({ length: count }, (_, i) => levels[start + i * stride]!);
  // Places whose level may still win, the winner first.
  const queue = new Int32Array(count);
  let [head, tail] = [0, 0];
  for (let ahead = 0; ahead < count + behind; ahead++) {
    if (ahead < count) {
      const level = line[ahead]!;
      while (tail > head && !beats(line[queue[tail - 1]!]!, level, to)) tail--;
      queue[tail++] = ahead;
    }
    const place = ahead - behind;
    if (place < 0) continue;
    if (queue[head]! < place - before) head++;
    levels[start + place * stride] = line[queue[head]!]!;
  }
}

function beats(one: number, other: number, to: "lowest" | "highest"): boolean {
  return to === "lowest" ? one < other : one > other;
}
