import { DreamError } from "../../errors.js";
import { blankCanvas, paste } from "./canvas.js";
import type { RgbPicture } from "./encode-png.js";

/** Pixels of the largest picture that is put together or enlarged; an RGB picture of this size takes 768 MiB. */
export const MAX_MADE_PIXELS = 256 * 1024 * 1024;

/** Rows and columns of `count` pictures: rows = ⌊√n⌋, columns = ⌈n/rows⌉, as `dream.py -g` lays them out. */
export function gridShape(count: number): { readonly rows: number; readonly columns: number } {
  const rows = Math.max(1, Math.floor(Math.sqrt(count)));
  return { rows, columns: Math.ceil(count / rows) };
}

/**
 * Asks before any time is spent whether a series fits into one grid.
 *
 * @param width,height of one picture, in pixels
 * @throws DreamError image/too-large
 */
export function checkGridSize(count: number, width: number, height: number): void {
  const { rows, columns } = gridShape(count);
  if (rows * columns * width * height <= MAX_MADE_PIXELS) return;
  const size = `${columns * width}×${rows * height}`;
  throw new DreamError("image/too-large", `a grid of ${count} pictures would have ${size} pixels; ask for fewer with -n or leave out -g`);
}

/**
 * One picture of all pictures of a series, row by row, on black. The cells have the first picture's size; a larger picture is cut off.
 *
 * @param pictures by seed: a seed that came twice has one cell, the first one's place with the last one's picture
 * @throws DreamError image/too-large
 */
export function makeGrid(pictures: ReadonlyMap<number, RgbPicture>): RgbPicture {
  const cells = [...pictures.values()];
  const first = cells[0];
  if (first === undefined) throw new RangeError("a grid of no pictures");
  const { width, height } = first;
  checkGridSize(cells.length, width, height);
  const { rows, columns } = gridShape(cells.length);
  const grid = blankCanvas(columns * width, rows * height, 0);
  cells.forEach((picture, i) => {
    paste(grid, picture, { left: (i % columns) * width, top: Math.floor(i / columns) * height, width, height });
  });
  return grid;
}
