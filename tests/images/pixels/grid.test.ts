import { describe, expect, test } from "@jest/globals";
import type { RgbPicture } from "../../../lib/images/pixels/encode-png.js";
import { checkGridSize, gridShape, makeGrid } from "../../../lib/images/pixels/grid.js";

const plain = (width: number, height: number, level: number): RgbPicture => ({
  width,
  height,
  rgb: new Uint8Array(width * height * 3).fill(level),
});
/** Red of every pixel, a string a row. */
const rows = ({ width, height, rgb }: RgbPicture) =>
  Array.from({ length: height }, (_, y) => Array.from({ length: width }, (_, x) => rgb[(y * width + x) * 3]).join(" "));

test.each([
  [1, 1, 1],
  [2, 1, 2],
  [3, 1, 3],
  [4, 2, 2],
  [5, 2, 3],
  [6, 2, 3],
  [7, 2, 4],
  [9, 3, 3],
  [10, 3, 4],
])("%i pictures: %i rows of %i", (count, rowCount, columns) => {
  expect(gridShape(count)).toEqual({ rows: rowCount, columns });
});

describe("a grid", () => {
  test("is filled row by row; what is left stays black", () => {
    const grid = makeGrid(new Map([1, 2, 3, 4, 5].map((seed) => [seed, plain(2, 1, seed * 10)])));
    expect(rows(grid)).toEqual(["10 10 20 20 30 30", "40 40 50 50 0 0"]);
  });

  test("keeps every channel", () => {
    const rgb = Uint8Array.of(1, 2, 3);
    expect(makeGrid(new Map([[7, { width: 1, height: 1, rgb }]]))).toEqual({ width: 1, height: 1, rgb });
  });

  test("has one cell for a seed that came twice: the first one's place, the last one's picture", () => {
    const series = [
      [5, plain(1, 1, 10)],
      [6, plain(1, 1, 20)],
      [5, plain(1, 1, 30)],
    ] as const;
    expect(rows(makeGrid(new Map(series)))).toEqual(["30 20"]);
  });

  test("has cells of the first picture's size: larger ones are cut, smaller ones leave black", () => {
    const grid = makeGrid(
      new Map([
        [1, plain(2, 2, 10)],
        [2, plain(3, 3, 20)],
        [3, plain(1, 1, 30)],
      ]),
    );
    expect(rows(grid)).toEqual(["10 10 20 20 30 0", "10 10 20 20 0 0"]);
  });
});

test("a grid that no file could hold is refused before anything is made", () => {
  checkGridSize(16, 4096, 4096);
  expect(() => checkGridSize(17, 4096, 4096)).toThrow(
    expect.objectContaining({
      code: "image/too-large",
      message: "a grid of 17 pictures would have 20480×16384 pixels; ask for fewer with -n or leave out -g",
    }),
  );
});
