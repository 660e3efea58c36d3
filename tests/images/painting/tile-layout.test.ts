import { describe, expect, test } from "@jest/globals";
import { planTiles } from "../../../lib/images/painting/tile-layout.js";

const tile = (side: number) => ({ width: side, height: side });

describe("tiles of a large picture", () => {
  test.each([
    // The published example: 512 times 2.5.
    [1280, 1280, 512, 0.25, 3, 3],
    [896, 896, 512, 0.25, 2, 2],
    [2048, 2048, 512, 0.25, 5, 5],
    [1664, 1664, 512, 0.25, 4, 4],
    // Pixels instead of a share.
    [1280, 1280, 512, 128, 3, 3],
    [1280, 1280, 512, 64, 3, 3],
    [1280, 1280, 512, 256, 4, 4],
    [1024, 1024, 512, 0, 2, 2],
    [1025, 1024, 512, 0, 3, 2],
    [1280, 512, 512, 0.25, 3, 1],
    [512, 600, 512, 0.25, 1, 2],
  ])("%i×%i by %i with overlap %d: %i×%i", (width, height, side, overlap, columns, rows) => {
    const layout = planTiles({ width, height }, tile(side), overlap);
    expect([layout.columns, layout.rows, layout.tiles.length]).toEqual([columns, rows, columns * rows]);
  });

  test("lie row by row, the last ones at the border", () => {
    const { tiles } = planTiles({ width: 1200, height: 1280 }, tile(512), 0.25);
    expect(tiles.map(({ left, top }) => [left, top])).toEqual([
      [0, 0],
      [384, 0],
      [688, 0],
      [0, 384],
      [384, 384],
      [688, 384],
      [0, 768],
      [384, 768],
      [688, 768],
    ]);
  });

  test("fade at the left and at the top, where another lies below, and trail off where one follows", () => {
    const { tiles } = planTiles(tile(896), tile(512), 0.25);
    const letters = tiles.map(({ sides }) => Object.entries(sides).flatMap(([side, fades]) => (fades ? [side] : [])));
    expect(letters).toEqual([[], ["left"], ["top", "trailing"], ["left", "top"]]);
  });

  test("of a list fade at every side that has no chosen neighbour, but not at the border", () => {
    const { tiles } = planTiles(tile(1280), tile(512), 0.25, [8, 5, 8]);
    expect(tiles.map(({ index }) => index)).toEqual([4, 7]);
    expect(tiles[0]?.sides).toEqual({ left: true, top: true, right: true, bottom: false, trailing: false });
    expect(tiles[1]?.sides).toEqual({ left: true, top: true, right: true, bottom: false, trailing: false });
  });

  test.each([
    [
      512,
      512,
      512,
      0.25,
      undefined,
      "ERROR: Based on the requested dimensions of 512x512 and tiles of 512x512 you don't need to Embiggen!",
    ],
    [500, 300, 512, 0.25, undefined, "you don't need to Embiggen! Check your arguments."],
    [1280, 500, 512, 0.25, undefined, "a tile does not fit into the picture (1280x500 and tiles of 512x512); give a smaller -W or -H"],
    [1280, 1280, 512, 512, undefined, "an overlap of 512 leaves nothing of a tile of 512x512; give a smaller one"],
    [8192, 8192, 512, 0.99, undefined, "tiles, and 1024 is the limit; give larger tiles"],
    [1280, 1280, 512, 0.25, [10], "there is no tile 10: there are 9, counted from 1, row by row from the upper left"],
    [1280, 1280, 512, 0.25, [1, 0], "there is no tile 0: there are 9"],
    [1280, 1280, 512, 0.25, [-1], "there is no tile -1: there are 9"],
  ])("%i×%i by %i with overlap %d, tiles %j: refused", (width, height, side, overlap, chosen, sentence) => {
    expect(() => planTiles({ width, height }, tile(side), overlap, chosen)).toThrow(sentence);
  });
});
