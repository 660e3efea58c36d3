/** The slope parameter of torch's bicubic interpolation. */
const A = -0.75;

/**
 * Embeddings of the places of a grid for another grid, as transformers interpolates them: torch's bicubic interpolation without antialiasing,
 * centres aligned, the class token's row untouched. Source: R. Keys, "Cubic convolution interpolation for digital image processing" (1981).
 * @param rows (1 + from², width)
 * @returns (1 + to², width)
 */
export function resizePlaces(rows: Float32Array, width: number, from: number, to: number): Float32Array {
  const resized = new Float32Array((1 + to * to) * width);
  resized.set(rows.subarray(0, width));
  const taps = Array.from({ length: to }, (_, place) => tapsOf(((place + 0.5) * from) / to - 0.5, from));
  for (let y = 0; y < to; y++) {
    for (let x = 0; x < to; x++) {
      const target = (1 + y * to + x) * width;
      for (const [row, rowWeight] of taps[y]!) {
        for (const [column, columnWeight] of taps[x]!) {
          const source = (1 + row * from + column) * width;
          for (let i = 0; i < width; i++) resized[target + i]! += rows[source + i]! * rowWeight * columnWeight;
        }
      }
    }
  }
  return resized;
}

/** The four places that make a value between them, with their weights; beyond the edge stands the outermost one. */
function tapsOf(center: number, count: number): (readonly [place: number, weight: number])[] {
  const first = Math.floor(center);
  return [-1, 0, 1, 2].map((step) => [Math.min(Math.max(first + step, 0), count - 1), weightAt(center - first - step)]);
}

function weightAt(distance: number): number {
  const x = Math.abs(distance);
  if (x <= 1) return ((A + 2) * x - (A + 3)) * x * x + 1;
  return x < 2 ? ((A * x - 5 * A) * x + 8 * A) * x - 4 * A : 0;
}
