/** Cells along each side; every corner has a gradient. */
const CELLS = 8;
const CORNERS = CELLS + 1;

/** What the angles of the gradients are drawn from: `count` values of [0, 1). */
export interface UniformSource {
  uniform(count: number): Float32Array;
}

/**
 * Gradient noise, one independent sheet a channel: 8×8 cells over the whole extent, gradients of length 1, the quintic fade and the factor √2
 * of InvokeAI's starting noise. Perlin, "Improving Noise", SIGGRAPH 2002.
 *
 * Sides are rounded up to multiples of 8 and the surplus is cut off, so that a cell is a whole number of elements.
 *
 * @param source 81 draws a channel
 * @returns (channels, height, width), within −1 … 1
 */
export function perlinNoise(source: UniformSource, channels: number, height: number, width: number): Float32Array {
  const noise = new Float32Array(channels * height * width);
  const rows = cellPlaces(height);
  const columns = cellPlaces(width);
  for (let channel = 0; channel < channels; channel++) {
    const gradients = drawGradients(source);
    let at = channel * height * width;
    for (const row of rows) {
      for (const column of columns) noise[at++] = Math.SQRT2 * valueAt(gradients, row, column);
    }
  }
  return noise;
}

/** Where an element lies along one side: its cell, and how far it is in it. */
interface CellPlace {
  readonly cell: number;
  /** 0 … 1, and the same after the fade. */
  readonly share: number;
  readonly faded: number;
}

function cellPlaces(length: number): CellPlace[] {
  const step = Math.ceil(length / CELLS);
  return Array.from({ length }, (_, i) => {
    const share = (i % step) / step;
    return { cell: Math.floor(i / step), share, faded: share ** 3 * (share * (share * 6 - 15) + 10) };
  });
}

/** Direction of the gradient at every corner, row-major: its part down the rows, its part along them. */
type Gradients = readonly (readonly [down: number, along: number])[];

function drawGradients(source: UniformSource): Gradients {
  return Array.from(source.uniform(CORNERS ** 2), (turn) => {
    const angle = 2 * Math.PI * turn;
    return [Math.cos(angle), Math.sin(angle)] as const;
  });
}

function valueAt(gradients: Gradients, row: CellPlace, column: CellPlace): number {
  const slope = (down: 0 | 1, along: 0 | 1) => {
    const gradient = gradients[(row.cell + down) * CORNERS + column.cell + along]!;
    return gradient[0] * (row.share - down) + gradient[1] * (column.share - along);
  };
  const before = mixed(row.faded, slope(0, 0), slope(1, 0));
  const behind = mixed(row.faded, slope(0, 1), slope(1, 1));
  return mixed(column.faded, before, behind);
}

function mixed(share: number, from: number, to: number): number {
  return from + share * (to - from);
}
