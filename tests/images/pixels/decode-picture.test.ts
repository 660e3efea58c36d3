import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import sharp, { type Channels, type Sharp } from "sharp";
import { decodePicture, readPicture } from "../../../lib/images/pixels/decode-picture.js";
import { temporaryFolder } from "../../support/temporary-folder.js";

const folder = await temporaryFolder();

const made = (width: number, height: number, channels: Channels, values: readonly number[]): Sharp =>
  sharp(Uint8Array.from(values), { raw: { width, height, channels } });
const decode = async (image: Sharp) => {
  const { rgb, alpha, ...rest } = await decodePicture(await image.toBuffer(), "x");
  return { ...rest, rgb: [...rgb], alpha: alpha && [...alpha] };
};

describe("pixels", () => {
  test("RGB", async () => {
    const values = [1, 2, 3, 250, 251, 252];
    expect(await decode(made(2, 1, 3, values).png())).toEqual({ width: 2, height: 1, rgb: values, notes: [] });
  });

  test("RGB with alpha", async () => {
    const image = made(2, 1, 4, [1, 2, 3, 9, 4, 5, 6, 255]);
    expect(await decode(image.png())).toMatchObject({ rgb: [1, 2, 3, 4, 5, 6], alpha: [9, 255] });
  });

  test("alpha that hides nothing is none", async () => {
    expect((await decode(made(1, 1, 4, [1, 2, 3, 255]).png())).alpha).toBeUndefined();
  });

  test("grey, and grey with alpha", async () => {
    expect(await decode(made(2, 1, 1, [7, 200]).toColourspace("b-w").png())).toMatchObject({ rgb: [7, 7, 7, 200, 200, 200] });
    expect(await decode(made(1, 1, 2, [7, 50]).toColourspace("b-w").png())).toMatchObject({ rgb: [7, 7, 7], alpha: [50] });
  });

  test("a palette", async () => {
    const values = [255, 0, 0, 0, 0, 255];
    expect(await decode(made(2, 1, 3, values).png({ palette: true }))).toMatchObject({ rgb: values });
  });

  test("16 bits a channel", async () => {
    const image = sharp(Uint16Array.of(0, 0x8080, 0xffff), { raw: { width: 1, height: 1, channels: 3 } }).toColourspace("rgb16");
    expect(await decode(image.png())).toMatchObject({ rgb: [0, 128, 255] });
  });

  test.each([
    ["JPEG", 1, (image: Sharp) => image.jpeg({ quality: 100 })],
    // There and back through a printer's colours.
    ["CMYK JPEG", 25, (image: Sharp) => image.toColourspace("cmyk").jpeg({ quality: 100 })],
    ["WebP", 0, (image: Sharp) => image.webp({ lossless: true })],
    ["GIF", 4, (image: Sharp) => image.gif()],
  ])("%s within %i", async (_, tolerance, encode) => {
    const { rgb } = await decode(encode(made(8, 8, 3, Array<number>(192).fill(90))));
    expect(rgb).toHaveLength(192);
    expect(rgb.every((level) => Math.abs(level - 90) <= tolerance)).toBe(true);
  });

  test("turned as a camera's note says", async () => {
    const image = made(2, 1, 3, [0, 0, 0, 255, 255, 255]).withMetadata({ orientation: 6 });
    const { width, height, rgb } = await decode(image.jpeg({ quality: 100, chromaSubsampling: "4:4:4" }));
    expect([width, height]).toEqual([1, 2]);
    expect(rgb[0]).toBeLessThan(100);
    expect(rgb[3]).toBeGreaterThan(150);
  });
});

test.each([
  ["GIF", (image: Sharp) => image.gif({ loop: 0 })],
  ["WebP", (image: Sharp) => image.webp({ lossless: true })],
])("of an animated %s the first frame, and a note", async (_, encode) => {
  const rgb = Uint8Array.from({ length: 8 * 24 * 3 }, (_value, i) => Math.floor(i / 192) * 100);
  const bytes = await encode(sharp(rgb, { raw: { width: 8, height: 24, channels: 3, pageHeight: 8 } })).toBuffer();
  const decoded = await decodePicture(bytes, "dance.gif");
  expect(decoded).toMatchObject({ width: 8, height: 8, notes: ["dance.gif is an animation of 3 frames; its first frame is used"] });
  expect(Math.max(...decoded.rgb)).toBe(0);
});

describe("files", () => {
  test("are read by their path", async () => {
    const path = join(folder, "x.png");
    writeFileSync(path, await made(1, 1, 3, [1, 2, 3]).png().toBuffer());
    expect([...(await readPicture(path)).rgb]).toEqual([1, 2, 3]);
  });

  test("that are not there", async () => {
    const path = join(folder, "gone.png");
    await expect(readPicture(path)).rejects.toMatchObject({ code: "file/not-found", message: `${path} does not exist` });
  });

  test("that are folders", async () => {
    await expect(readPicture(folder)).rejects.toMatchObject({ code: "file/unreadable", message: `${folder} is not a file` });
  });
});
