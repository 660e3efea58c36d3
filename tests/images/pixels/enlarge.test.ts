import { describe, expect, test } from "@jest/globals";
import type { RgbPicture } from "../../../lib/images/pixels/encode-png.js";
import { enlarge } from "../../../lib/images/pixels/enlarge.js";
import { resizePicture } from "../../../lib/images/pixels/resize.js";

const picture = (width: number, height: number, level: (x: number, y: number) => number): RgbPicture => ({
  width,
  height,
  rgb: Uint8Array.from({ length: width * height * 3 }, (_, i) => level(Math.floor(i / 3) % width, Math.floor(i / 3 / width))),
});
const edge = picture(8, 8, (x) => (x < 4 ? 40 : 200));
const reds = ({ width, rgb }: RgbPicture) => Array.from({ length: width }, (_, x) => rgb[x * 3]!);

describe("enlarging", () => {
  test.each([
    [1, 8],
    [2, 16],
    [2.9, 23],
    [4, 32],
  ])("by %f: sides of %i pixels", async (factor, side) => {
    expect(await enlarge(edge, factor, 1)).toMatchObject({ width: side, height: side });
  });

  test("by 1 changes nothing", async () => expect((await enlarge(edge, 1, 0.75)).rgb).toEqual(edge.rgb));

  test("keeps flat colours, each channel its own", async () => {
    const { rgb } = await enlarge({ width: 2, height: 2, rgb: Uint8Array.from({ length: 12 }, (_, i) => [10, 120, 250][i % 3]!) }, 3, 0.75);
    expect(new Set(rgb)).toEqual(new Set([10, 120, 250]));
  });

  test("keeps the picture where it was: an edge stays in the middle", async () => {
    const row = reds(await enlarge(edge, 4, 1));
    expect(row.slice(0, 8).every((level) => Math.abs(level - 40) < 8)).toBe(true);
    expect(row[15]! + row[16]!).toBeCloseTo(240, -1);
    expect(row.slice(24).every((level) => Math.abs(level - 200) < 8)).toBe(true);
  });

  test("enlarges transparency as if it were a colour, and keeps the colours below it", async () => {
    const alpha = Uint8Array.from({ length: 64 }, (_, i) => (i % 8 < 4 ? 40 : 200));
    const enlarged = await enlarge({ ...edge, alpha }, 3, 0.75);
    expect([...enlarged.alpha!].slice(0, 24)).toEqual(reds(enlarged));
    expect(enlarged.alpha).toHaveLength(24 * 24);
    expect(enlarged.rgb).toEqual((await enlarge(edge, 3, 0.75)).rgb);
  });

  test("mixes with the softer bicubic enlargement by the strength", async () => {
    const softer = await resizePicture(edge, { width: 32, height: 32 }, "bicubic");
    const sharper = await resizePicture(edge, { width: 32, height: 32 }, "lanczos");
    expect(softer.rgb).not.toEqual(sharper.rgb);
    expect((await enlarge(edge, 4, 0)).rgb).toEqual(new Uint8Array(softer.rgb));
    const mixed = await enlarge(edge, 4, 0.75);
    expect([...mixed.rgb].every((level, i) => Math.abs(level - (softer.rgb[i]! * 0.25 + sharper.rgb[i]! * 0.75)) <= 0.5)).toBe(true);
  });
});

describe("what cannot be", () => {
  test.each([0, 0.5, -2, Number.NaN])("a factor of %f", async (factor) => {
    await expect(enlarge(edge, factor, 1)).rejects.toMatchObject({ code: "usage/line" });
  });

  test.each([-0.1, 1.1, Number.NaN])("a strength of %f", async (strength) => {
    await expect(enlarge(edge, 2, strength)).rejects.toMatchObject({ code: "usage/strength" });
  });

  test.each([
    [2049, 1, 8],
    [4096, 4096, 4.1],
    [8, 8, Number.POSITIVE_INFINITY],
  ])("%i×%i by %f is too large", async (width, height, factor) => {
    const promise = enlarge({ width, height, rgb: new Uint8Array(0) }, factor, 1);
    await expect(promise).rejects.toMatchObject({ code: "image/too-large", message: expect.stringMatching(/^-U .*at most 16384 a side/) });
  });
});
