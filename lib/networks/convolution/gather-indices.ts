/** Which input pixel every place of a convolution reads: borders, wrap-around, stride and upsampling are only another index. */
export interface Sampling {
  readonly batch: number;
  /** Extent of the convolution's input grid after upsampling. */
  readonly height: number;
  readonly width: number;
  /** Nearest-neighbour enlargement of the stored rows: 1 or 2. */
  readonly upsample: 1 | 2;
  /** Axes with circular instead of zero padding. */
  readonly wrapX: boolean;
  readonly wrapY: boolean;
}

/** Rows that are stored for a sampling: (batch · height · width) of the grid before upsampling. */
export function storedRows(sampling: Sampling): number {
  const { height, width } = storedExtent(sampling);
  return sampling.batch * height * width;
}

/** Of the grid before upsampling: an odd extent is an even one without its last row or column. */
function storedExtent({ height, width, upsample }: Sampling): { height: number; width: number } {
  return { height: Math.ceil(height / upsample), width: Math.ceil(width / upsample) };
}

/** Index of the stored row for a pixel that may lie outside; `storedRows` (one row past the end) stands for zero padding. */
function rowOf(sampling: Sampling, image: number, y: number, x: number): number {
  const { height, width, upsample } = sampling;
  const insideY = sampling.wrapY ? (y + height) % height : y;
  const insideX = sampling.wrapX ? (x + width) % width : x;
  if (insideY < 0 || insideY >= height || insideX < 0 || insideX >= width) return storedRows(sampling);
  const stored = storedExtent(sampling);
  return (image * stored.height + Math.floor(insideY / upsample)) * stored.width + Math.floor(insideX / upsample);
}

/**
 * Neighbours of every output pixel, rows-major: (outputs, 9).
 * @param stride 1 or 2
 * @param padStart rows and columns of padding before the first pixel (1; 0 for the VAE encoder's asymmetric padding)
 * @param from first output row (image · outHeight + y)
 * @param to one past the last output row
 */
export function im2colIndices(sampling: Sampling, stride: number, padStart: number, from: number, to: number): Int32Array {
  const outHeight = Math.ceil(sampling.height / stride);
  const outWidth = Math.ceil(sampling.width / stride);
  const indices = new Int32Array((to - from) * outWidth * 9);
  let at = 0;
  for (let row = from; row < to; row++) {
    const image = Math.floor(row / outHeight);
    const top = (row % outHeight) * stride - padStart;
    for (let x = 0; x < outWidth; x++) {
      const left = x * stride - padStart;
      for (let tap = 0; tap < 9; tap++) indices[at++] = rowOf(sampling, image, top + Math.floor(tap / 3), left + (tap % 3));
    }
  }
  return indices;
}

/**
 * Where the nine partial sums of every output pixel lie, when the nine products of a stored row lie side by side: (outputs, 9).
 * The index after the last product stands for zero padding.
 */
export function tapIndices(sampling: Sampling, from: number, to: number): Int32Array {
  const indices = im2colIndices(sampling, 1, 1, from, to);
  const outside = storedRows(sampling);
  return indices.map((row, position) => (row === outside ? outside * 9 : row * 9 + (position % 9)));
}

/** Tile rows (image · tilesY + i) of a Winograd convolution and how many tiles each has. */
export function tileGrid(sampling: Sampling, outputTile: number): { rows: number; columns: number; perImage: number } {
  const perImage = Math.ceil(sampling.height / outputTile);
  return { rows: sampling.batch * perImage, columns: Math.ceil(sampling.width / outputTile), perImage };
}

/** Input pixels of the tiles in tile rows `from … to−1`, ordered (place in the tile, tile): (n² · tiles). */
export function winogradInputIndices(sampling: Sampling, outputTile: number, from: number, to: number): Int32Array {
  const { columns, perImage } = tileGrid(sampling, outputTile);
  const inputTile = outputTile + 2;
  const indices = new Int32Array(inputTile ** 2 * (to - from) * columns);
  let at = 0;
  for (let place = 0; place < inputTile ** 2; place++) {
    const dy = Math.floor(place / inputTile) - 1;
    const dx = (place % inputTile) - 1;
    for (let row = from; row < to; row++) {
      const image = Math.floor(row / perImage);
      const y = (row % perImage) * outputTile + dy;
      for (let column = 0; column < columns; column++) indices[at++] = rowOf(sampling, image, y, column * outputTile + dx);
    }
  }
  return indices;
}

/** Where the outputs of tile rows `from … to−1` lie among (place in the tile, tile), in pixel order. */
export function winogradOutputIndices(sampling: Sampling, outputTile: number, from: number, to: number): Int32Array {
  const { columns, perImage } = tileGrid(sampling, outputTile);
  const tiles = (to - from) * columns;
  const indices: number[] = [];
  for (let row = from; row < to; row++) {
    const top = (row % perImage) * outputTile;
    for (let y = top; y < Math.min(top + outputTile, sampling.height); y++) {
      for (let x = 0; x < sampling.width; x++) {
        const place = (y - top) * outputTile + (x % outputTile);
        indices.push(place * tiles + (row - from) * columns + Math.floor(x / outputTile));
      }
    }
  }
  return Int32Array.from(indices);
}
