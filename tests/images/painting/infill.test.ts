import { expect, test } from "@jest/globals";
import { infill } from "../../../lib/images/painting/infill.js";

const SIDE = 96;
const AREA = SIDE * SIDE;
const quiet = () => {};

/** Vertical stripes of 8 pixels, with a hole from column 48 on; what lies in the hole is `below`. */
function striped(below: number) {
  const alpha = Uint8Array.from({ length: AREA }, (_, i) => (i % SIDE < 48 ? 255 : 0));
  const rgb = Uint8Array.from({ length: AREA * 3 }, (_, i) => (alpha[Math.floor(i / 3)] === 0 ? below : stripe(Math.floor(i / 3) % SIDE)));
  return { width: SIDE, height: SIDE, rgb, alpha };
}

function stripe(x: number): number {
  return x % 16 < 8 ? 20 : 220;
}

/** How far the levels of a row are from those of the stripes, in the mean. */
function fromStripes(rgb: Uint8Array, left: number, right: number): number {
  let sum = 0;
  for (let i = 0; i < AREA; i++) {
    const x = i % SIDE;
    // Stripes of the same width are right, wherever they begin.
    if (x >= left && x < right) sum += Math.min(Math.abs(rgb[i * 3]! - 20), Math.abs(rgb[i * 3]! - 220));
  }
  return sum / ((right - left) * SIDE);
}

test.each(["patchmatch", "tile"] as const)("%s makes the hole look like the rest, whatever lay below it", async (method) => {
  const how = { method, tileSize: 16 };
  const { rgb } = await infill(striped(0), how, 3, quiet);
  expect(fromStripes(rgb, 48, SIDE)).toBeLessThan(10);
  expect((await infill(striped(99), how, 3, quiet)).rgb).toEqual(rgb);
});

test("patchmatch has both colours of the stripes", async () => {
  const { rgb } = await infill(striped(0), { method: "patchmatch", tileSize: 32 }, 3, quiet);
  const row = Array.from({ length: 48 }, (_, i) => rgb[(50 * SIDE + 48 + i) * 3]!);
  expect(row.some((level) => level < 60)).toBe(true);
  expect(row.some((level) => level > 180)).toBe(true);
});

test("a solid fill is mid-grey", async () => {
  const { rgb } = await infill(striped(0), { method: "solid", tileSize: 32 }, 3, quiet);
  expect(rgb.subarray(48 * 3, 96 * 3).every((level) => level === 127)).toBe(true);
});

test.each(["patchmatch", "tile", "solid"] as const)("%s leaves what is visible as it is", async (method) => {
  const picture = striped(0);
  const { rgb } = await infill(picture, { method, tileSize: 16 }, 3, quiet);
  for (let i = 0; i < AREA; i++) if (picture.alpha[i] === 255) expect(rgb[i * 3]).toBe(picture.rgb[i * 3]);
});

test.each(["patchmatch", "tile"] as const)("%s chooses by the seed", async (method) => {
  const noisy = striped(0);
  for (let i = 0; i < noisy.rgb.length; i++) noisy.rgb[i] = (i * i * 7) % 251;
  const how = { method, tileSize: 16 };
  const one = await infill(noisy, how, 3, quiet);
  expect(await infill(noisy, how, 3, quiet)).toEqual(one);
  expect(await infill(noisy, how, 4, quiet)).not.toEqual(one);
});

test("tiles are chosen by numpy's generator", async () => {
  // Tiles of one colour: 1, 2, 3 and 4 in the first row, holes below. default_rng(42).choice(4, 4) is 0, 3, 2, 1.
  const rgb = Uint8Array.from({ length: 8 * 4 * 3 }, (_, i) => Math.floor((Math.floor(i / 3) % 8) / 2) + 1);
  const alpha = Uint8Array.from({ length: 8 * 4 }, (_, i) => (i < 16 ? 255 : 0));
  const filled = await infill({ width: 8, height: 4, rgb, alpha }, { method: "tile", tileSize: 2 }, 42, quiet);
  expect([0, 2, 4, 6].map((x) => filled.rgb[(2 * 8 + x) * 3])).toEqual([1, 4, 3, 2]);
});

test.each([
  ["patchmatch", 0],
  ["tile", 0],
  ["tile", 255],
] as const)("%s of a picture without anything to copy gives grey", async (method, opacity) => {
  const alpha = new Uint8Array(AREA).fill(opacity);
  alpha[0] = 0;
  const { rgb } = await infill({ ...striped(0), alpha }, { method, tileSize: SIDE }, 3, quiet);
  expect(rgb[0]).toBe(127);
});

test("an opaque picture, and one whose hidden colours are wanted, stay as they are", async () => {
  const picture = striped(66);
  expect((await infill(picture, undefined, 3, quiet)).rgb).toEqual(picture.rgb);
  const { alpha: _, ...opaque } = picture;
  expect((await infill(opaque, { method: "solid", tileSize: 32 }, 3, quiet)).rgb).toEqual(picture.rgb);
});

test("a large hole ends in time", async () => {
  const side = 256;
  const alpha = Uint8Array.from({ length: side * side }, (_, i) => (i % side < 64 ? 255 : 0));
  const rgb = Uint8Array.from({ length: side * side * 3 }, (_, i) => (i * 31) % 256);
  const started = process.cpuUsage();
  await infill({ width: side, height: side, rgb, alpha }, { method: "patchmatch", tileSize: 32 }, 3, quiet);
  expect(process.cpuUsage(started).user / 1e6).toBeLessThan(10);
});

test("it can be stopped", async () => {
  const stop = () => {
    throw new Error("stopped");
  };
  await expect(infill(striped(0), { method: "patchmatch", tileSize: 32 }, 3, stop)).rejects.toThrow("stopped");
});
