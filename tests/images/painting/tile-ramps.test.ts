import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { cutTile, layTile } from "../../../lib/images/painting/lay-tile.js";
import { planTiles } from "../../../lib/images/painting/tile-layout.js";
import { TileRamps } from "../../../lib/images/painting/tile-ramps.js";
import { decodePicture } from "../../../lib/images/pixels/decode-picture.js";
import { PACKAGE_ROOT } from "../../../lib/package-root.js";

const folder = join(PACKAGE_ROOT, "tests", "oracles", "embiggen");
const oracle = JSON.parse(readFileSync(join(folder, "ramps.json"), "utf8")) as {
  readonly width: number;
  readonly height: number;
  readonly across: number;
  readonly down: number;
  readonly layers: readonly { readonly sides: string; readonly trailing: boolean; readonly levels: readonly number[] }[];
};
const tile = { width: oracle.width, height: oracle.height };
const overlap = { across: oracle.across, down: oracle.down };
const ramps = await TileRamps.create({ tile, overlap });

test.each(oracle.layers)("a tile that fades at '$sides', trailing: $trailing, has Pillow's ramps", ({ sides, trailing, levels }) => {
  const [left, top, right, bottom] = [..."ltrb"].map((side) => sides.includes(side)) as [boolean, boolean, boolean, boolean];
  const made = ramps.levels({ left, top, right, bottom, trailing });
  // Pillow resizes in fixed point.
  expect(levels.filter((level, i) => Math.abs(level - made[i]!) > 1)).toEqual([]);
});

test("without an overlap no tile fades", async () => {
  const plain = await TileRamps.create({ tile, overlap: { across: 0, down: 0 } });
  const levels = plain.levels({ left: true, top: true, right: true, bottom: true, trailing: true });
  expect(levels.every((level) => level === 255)).toBe(true);
});

test.each([
  ["whole.png", undefined],
  ["some.png", [9, 1, 4, 3, 5]],
])("tiles laid one after the other are Pillow's canvas: %s", async (name, chosen) => {
  const expected = await decodePicture(readFileSync(join(folder, name)), name);
  const { width, height } = expected;
  const layout = planTiles(expected, tile, 0.25, chosen);
  expect(layout.overlap).toEqual(overlap);
  const rgb = Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    const place = Math.floor(i / 3);
    return (place % width) + Math.floor(place / width);
  });
  const canvas = { width, height, rgb };
  for (const { index, left, top, sides } of layout.tiles) {
    const levels = Uint8Array.from({ length: tile.width * tile.height * 3 }, (_, i) => {
      const place = Math.floor(i / 3);
      return 7 * (place % tile.width) + 13 * Math.floor(place / tile.width) + 31 * (i % 3) + 53 * index;
    });
    layTile(canvas, { ...tile, rgb: levels }, ramps.levels(sides), { left, top });
  }
  const worst = expected.rgb.reduce((most, level, i) => Math.max(most, Math.abs(level - canvas.rgb[i]!)), 0);
  // One level of a ramp, weighing two pixels that differ by 255, and three tiles deep.
  expect(worst).toBeLessThanOrEqual(2);
});

test("a tile is cut where it is laid", () => {
  const rgb = Uint8Array.from({ length: 5 * 4 * 3 }, (_, i) => i);
  const cut = cutTile({ width: 5, height: 4, rgb }, { left: 2, top: 1 }, { width: 2, height: 2 });
  expect([...cut.rgb]).toEqual([21, 22, 23, 24, 25, 26, 36, 37, 38, 39, 40, 41]);
});
