import { describe, expect, test } from "@jest/globals";
import type { RgbPicture } from "../../lib/images/pixels/encode-png.js";
import { choosePalette } from "../../lib/terminal-images/palette.js";
import { sixelPicture } from "../../lib/terminal-images/sixel.js";
import { decodeSixel } from "../support/decode-sixel.js";

const made = (width: number, height: number, pixel: (x: number, y: number) => readonly [number, number, number]): RgbPicture => {
  const rgb = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) rgb.set(pixel(x, y), (y * width + x) * 3);
  return { width, height, rgb };
};
const differences = (one: RgbPicture, other: RgbPicture) => Array.from(one.rgb, (level, i) => Math.abs(level - other.rgb[i]!));
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

const gradient = made(120, 50, (x, y) => [x * 2, y * 5, 255 - x]);
const chess = made(9, 13, (x, y) => ((x + y) % 2 === 0 ? [255, 0, 0] : [0, 0, 255]));

describe("a sixel sequence, decoded", () => {
  test.each([
    ["one pixel", made(1, 1, () => [1, 200, 90])],
    ["a chessboard", chess],
    ["stripes", made(30, 7, (_x, y) => (y % 2 === 0 ? [0, 0, 0] : [255, 255, 255]))],
    ["six rows", made(5, 6, (x) => [x * 50, 0, 0])],
    ["seven rows", made(5, 7, (x) => [x * 50, 0, 0])],
  ])("%s: the pixels, but for rounding to per cent", (_, picture) => {
    const decoded = decodeSixel(sixelPicture(picture));
    expect([decoded.width, decoded.height]).toEqual([picture.width, picture.height]);
    expect(Math.max(...differences(decoded, picture))).toBeLessThanOrEqual(2);
  });

  test("many colours: near the pixels", () => {
    const found = differences(decodeSixel(sixelPicture(gradient)), gradient);
    expect(mean(found)).toBeLessThan(5);
    expect(Math.max(...found)).toBeLessThan(26);
  });

  test("noise: still every pixel covered", () => {
    const noise = made(40, 40, (x, y) => [(x * 97 + y * 31) % 256, (x * 53 + y * 71) % 256, (x * 13 + y * 201) % 256]);
    expect(mean(differences(decodeSixel(sixelPicture(noise)), noise))).toBeLessThan(20);
  });
});

test("runs are counted: a plain picture takes few characters", () => {
  expect(sixelPicture(made(800, 600, () => [9, 9, 9])).length).toBeLessThan(1500);
});

describe("a palette", () => {
  test("has the picture's own colours when they are few", () => {
    expect(choosePalette(chess).colors.toSorted()).toEqual([
      [0, 0, 255],
      [255, 0, 0],
    ]);
  });

  test("has 256 colours at most, and uses them", () => {
    const { colors, indices } = choosePalette(gradient);
    expect(colors).toHaveLength(256);
    expect(new Set(indices).size).toBe(256);
  });

  test("gives many pixels finer colours than few", () => {
    const picture = made(64, 64, (x, y) => (y < 60 ? [x * 4, x * 4, x * 4] : [(x * 37) % 256, (y * 91) % 256, (x * 5) % 256]));
    const { colors, indices } = choosePalette(picture);
    const upper = Array.from(indices.subarray(0, 64 * 60), (place, i) => Math.abs(colors[place]![0] - picture.rgb[i * 3]!));
    expect(Math.max(...upper)).toBeLessThanOrEqual(4);
  });
});
