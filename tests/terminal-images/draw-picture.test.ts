import { describe, expect, test } from "@jest/globals";
import sharp from "sharp";
import type { RgbPicture } from "../../lib/images/pixels/encode-png.js";
import { drawPicture, type PictureRoom } from "../../lib/terminal-images/draw-picture.js";
import { decodeSixel } from "../support/decode-sixel.js";

const plain = (width: number, height: number): RgbPicture => ({ width, height, rgb: new Uint8Array(width * height * 3).fill(100) });
const room: PictureRoom = { protocol: "none", colours: "24bit", unicode: true, columns: 80, rows: 24 };
const draw = (picture: RgbPicture, change: Partial<PictureRoom>) => drawPicture(picture, { ...room, ...change });
const lines = (text: string) => text.split("\n").length - 1;

/** Columns that are covered and the pixels of the PNG inside. */
async function inside(text: string): Promise<{ columns: number; width?: number; height?: number }> {
  const columns = Number(/[,;](?:c|width)=(\d+)/.exec(text)![1]);
  const pieces = text.startsWith("\x1b_G")
    ? text.split("\x1b\\").map((piece) => piece.slice(piece.indexOf(";") + 1))
    : [text.slice(text.indexOf(":") + 1, text.indexOf("\x07"))];
  const data = pieces.join("");
  const { width, height } = await sharp(Buffer.from(data, "base64")).metadata();
  return { columns, width, height };
}

describe.each(["kitty", "iterm"] as const)("%s", (protocol) => {
  test("a large picture is made as small as its place", async () => {
    expect(await inside(await draw(plain(1024, 512), { protocol, columns: 50 }))).toEqual({ columns: 50, width: 500, height: 250 });
  });
  test("rows limit it too", async () => {
    expect(await inside(await draw(plain(512, 512), { protocol, rows: 10 }))).toEqual({ columns: 20, width: 200, height: 200 });
  });
  test("a small one keeps its pixels", async () => {
    expect(await inside(await draw(plain(64, 32), { protocol }))).toEqual({ columns: 7, width: 64, height: 32 });
  });
  test("letters of another size", async () => {
    const cell = { width: 8, height: 16 };
    expect(await inside(await draw(plain(512, 512), { protocol, cell, columns: 40 }))).toEqual({ columns: 40, width: 320, height: 320 });
  });
});

describe("sixel", () => {
  test.each([
    [1000, 500, 800, 400],
    [64, 32, 64, 32],
  ])("%i×%i is drawn as %i×%i", async (width, height, drawnWidth, drawnHeight) => {
    expect(decodeSixel(await draw(plain(width, height), { protocol: "sixel" }))).toMatchObject({ width: drawnWidth, height: drawnHeight });
  });
});

describe("letters", () => {
  test("half blocks: as many columns as there are, two pixels a line", async () => {
    const text = await draw(plain(512, 256), {});
    expect(text.split("\n")[0]!.match(/▀/g)).toHaveLength(80);
    expect(lines(text)).toBe(20);
  });

  test("the picture is not enlarged", async () => {
    expect((await draw(plain(10, 10), {})).match(/▀/g)).toHaveLength(50);
  });

  test.each<readonly [string, Partial<PictureRoom>]>([
    ["no colours", { colours: "none" }],
    ["no Unicode", { unicode: false }],
  ])("with %s: plain ASCII without escapes", async (_, change) => {
    expect(await draw(plain(160, 160), change)).toMatch(/^(?:-{48}\n){24}$/);
  });
});

test.each([
  [Number.POSITIVE_INFINITY, 400],
  [100_000, 400],
  [0, 1],
  [-3, 1],
  [Number.NaN, 1],
])("a terminal that says it has %f columns gets %i at most", async (columns, covered) => {
  const text = await draw(plain(2000, 2), { columns });
  expect(text.split("\n")[0]!.match(/▀/g)).toHaveLength(covered);
});
