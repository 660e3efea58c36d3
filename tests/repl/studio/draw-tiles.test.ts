import { expect, test } from "@jest/globals";
import type { RgbPicture } from "../../../lib/images/pixels/encode-png.js";
import { drawTiles, type TiledSettings, tileSeed } from "../../../lib/repl/studio/draw-tiles.js";

const settings: TiledSettings = {
  prompt: "a cat",
  steps: 2,
  seed: 7,
  width: 64,
  height: 64,
  cfgScale: 7.5,
  seamlessAxes: "",
  sampler: "k_lms",
  rng: "cpu",
  withVariations: [],
  strength: 0.4,
  embiggen: [2, 0.75, 0.25],
};
const NO_SECONDS = { conditioning: 0, sampling: 0, decoding: 0 };

/** Levels that rise slowly to the right and down. */
function slope(width: number, height: number): RgbPicture {
  const rgb = Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    const place = Math.floor(i / 3);
    return 60 + Math.floor(((place % width) + Math.floor(place / width)) / 4);
  });
  return { width, height, rgb };
}

/** Each tile is what lies below it, a little brighter or darker. */
const shifted = (part: RgbPicture, by: number) => ({
  image: { ...part, rgb: part.rgb.map((level) => level + by) },
  seconds: NO_SECONDS,
});

/** The largest difference of two neighbours. */
function steepest({ width, height, rgb }: RgbPicture): number {
  let most = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const place = y * width + x;
      if (x > 0) most = Math.max(most, Math.abs(rgb[place * 3]! - rgb[(place - 1) * 3]!));
      if (y > 0) most = Math.max(most, Math.abs(rgb[place * 3]! - rgb[(place - width) * 3]!));
    }
  }
  return most;
}

test.each([
  [4, 5],
  [4294967290, 4294967291],
  [4294967293, 4294967294],
  [4294967294, 0],
  [4294967295, 0],
])("behind seed %i the next tile has %i", (seed, next) => {
  expect([tileSeed(seed, 0), tileSeed(seed, 1)]).toEqual([seed, next]);
});

test.each([undefined, [1, 2, 4, 5, 9]])("no seam shows where tiles differ in brightness, tiles: %j", async (embiggenTiles) => {
  const enlarged = slope(128, 128);
  const drawn = await drawTiles(
    { ...settings, embiggenTiles },
    enlarged,
    async (_, part, done) => shifted(part, done % 2 === 0 ? 20 : -20),
    () => {},
  );
  if (drawn === "cancelled") throw new Error("cancelled");
  // 40 levels over 16 pixels on a slope of a quarter: a hard edge would be 20 or 40.
  expect(steepest(drawn.image)).toBeLessThanOrEqual(10);
  expect(steepest(enlarged)).toBe(1);
});

test("with a list only those tiles change, and what lies below stays as it was", async () => {
  const enlarged = slope(128, 128);
  const before = enlarged.rgb.slice();
  const drawn = await drawTiles(
    { ...settings, embiggenTiles: [5] },
    enlarged,
    async (_, part) => shifted(part, 50),
    () => {},
  );
  if (drawn === "cancelled") throw new Error("cancelled");
  // Tile 5 of 3×3 lies at 48, 48.
  const changed = [...drawn.image.rgb].flatMap((level, i) => (level === before[i] ? [] : [Math.floor(i / 3)]));
  expect(changed.length).toBeGreaterThan(0);
  const outside = changed.filter((place) => [place % 128, Math.floor(place / 128)].some((along) => along < 48 || along >= 48 + 64));
  expect(outside).toEqual([]);
  expect(drawn.image.rgb[(80 * 128 + 80) * 3]).toBe(before[(80 * 128 + 80) * 3]! + 50);
  expect(enlarged.rgb).toEqual(before);
});

test("every tile has a seed of its own, also for the noises that are mixed in, and a tile's size", async () => {
  const asked: unknown[] = [];
  const withVariations = [{ seed: 100, weight: 0.1 }];
  const tiles = { ...settings, withVariations, embiggenTiles: [9, 2] };
  await drawTiles(
    tiles,
    slope(128, 128),
    async (tile, part) => {
      asked.push([tile.seed, tile.withVariations[0]?.seed, part.width, part.height, tile.embiggen]);
      return shifted(part, 0);
    },
    () => {},
  );
  expect(asked).toEqual([
    [8, 101, 64, 64, undefined],
    [15, 108, 64, 64, undefined],
  ]);
});

test("a cancelled tile cancels the picture", async () => {
  const draw = async (_: unknown, part: RgbPicture, done: number) => (done === 2 ? ("cancelled" as const) : shifted(part, 0));
  expect(await drawTiles(settings, slope(128, 128), draw, () => {})).toBe("cancelled");
});
