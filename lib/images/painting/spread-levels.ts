import type { PixelSize } from "../pixels/resize.js";

/**
 * Every level becomes the lowest one (erosion) or the highest one (dilation) in the square of this radius around it, which is what as many
 * passes of a 3×3 window give. Beyond the edge there is nothing. D. Lemire, "Streaming maximum-minimum filter" (2006): two comparisons a
 * pixel, however large the square is.
 *
 * @param levels width·height bytes, not changed
 * @param radius in pixels, 0 or more
 */
export function spreadLevels(levels: Uint8Array, { width, height }: PixelSize, radius: number, to: "lowest" | "highest"): Uint8Array {
  if (radius === 0) return levels;
  const out = levels.slice();
  for (let y = 0; y < height; y++) spreadLine(out, { start: y * width, stride: 1, count: width }, radius, to);
  for (let x = 0; x < width; x++) spreadLine(out, { start: x, stride: width, count: height }, radius, to);
  return out;
}

/** Pixels of one row or column. */
interface Line {
  readonly start: number;
  readonly stride: number;
  readonly count: number;
}

function spreadLine(levels: Uint8Array, { start, stride, count }: Line, radius: number, to: "lowest" | "highest"): void {
  const line = Uint8Array.from({ length: count }, (_, i) => levels[start + i * stride]!);
  // Places whose level may still win, the winner first.
  const queue = new Int32Array(count);
  let [head, tail] = [0, 0];
  for (let ahead = 0; ahead < count + radius; ahead++) {
    if (ahead < count) {
      const level = line[ahead]!;
      while (tail > head && !beats(line[queue[tail - 1]!]!, level, to)) tail--;
      queue[tail++] = ahead;
    }
    const place = ahead - radius;
    if (place < 0) continue;
    if (queue[head]! < place - radius) head++;
    levels[start + place * stride] = line[queue[head]!]!;
  }
}

function beats(one: number, other: number, to: "lowest" | "highest"): boolean {
  return to === "lowest" ? one < other : one > other;
}
