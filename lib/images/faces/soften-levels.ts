import type { PixelSize } from "../pixels/resize.js";

/** What OpenCV takes for 3, 5 and 7 pixels where nobody names a deviation: rounded binomial weights instead of the formula. */
const SMALL_KERNELS: Readonly<Record<number, readonly number[]>> = {
  1: [1],
  3: [0.25, 0.5, 0.25],
  5: [0.0625, 0.25, 0.375, 0.25, 0.0625],
  7: [0.03125, 0.109375, 0.21875, 0.28125, 0.21875, 0.109375, 0.03125],
};

/**
 * `GaussianBlur(levels, (2·radius + 1, 2·radius + 1), 0)` of OpenCV: the deviation follows from the size, beyond the edge the levels are
 * mirrored without repeating the outermost. Where all levels in reach are the same, nothing is multiplied.
 *
 * @param levels width·height numbers, changed in place
 * @param radius whole pixels, 0 or more
 * @param betweenLines called after every line; what it throws ends the work
 */
export async function softenLevels(
  levels: Float32Array,
  { width, height }: PixelSize,
  radius: number,
  betweenLines: () => Promise<void> | void = () => {},
): Promise<void> {
  if (radius === 0) return;
  const kernel = gaussianKernel(radius);
  for (let y = 0; y < height; y++) {
    blurLine(levels, { start: y * width, stride: 1, count: width }, kernel);
    await betweenLines();
  }
  for (let x = 0; x < width; x++) {
    blurLine(levels, { start: x, stride: width, count: height }, kernel);
    await betweenLines();
  }
}

/** Weights of 2·radius + 1 neighbours, which sum to 1. */
export function gaussianKernel(radius: number): readonly number[] {
  const size = 2 * radius + 1;
  const small = SMALL_KERNELS[size];
  if (small !== undefined) return small;
  const deviation = 0.3 * ((size - 1) / 2 - 1) + 0.8;
  const weights = Array.from({ length: size }, (_, i) => Math.exp(-((i - radius) ** 2) / (2 * deviation ** 2)));
  const sum = weights.reduce((total, weight) => total + weight);
  return weights.map((weight) => weight / sum);
}

/** Pixels of one row or column. */
interface Line {
  readonly start: number;
  readonly stride: number;
  readonly count: number;
}

function blurLine(levels: Float32Array, { start, stride, count }: Line, kernel: readonly number[]): void {
  const radius = (kernel.length - 1) / 2;
  const padded = new Float32Array(count + 2 * radius);
  for (let i = 0; i < padded.length; i++) padded[i] = levels[start + mirrored(i - radius, count) * stride]!;
  let same = 0;
  for (let end = 0; end < padded.length; end++) {
    same = end > 0 && padded[end] === padded[end - 1] ? same + 1 : 1;
    const place = end - 2 * radius;
    if (place < 0) continue;
    levels[start + place * stride] = same >= kernel.length ? padded[end]! : weighted(padded, place, kernel);
  }
}

function weighted(levels: Float32Array, from: number, kernel: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < kernel.length; i++) sum += kernel[i]! * levels[from + i]!;
  return sum;
}

function mirrored(place: number, count: number): number {
  if (count === 1) return 0;
  const period = 2 * (count - 1);
  const within = ((place % period) + period) % period;
  return within < count ? within : period - within;
}
