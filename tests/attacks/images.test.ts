import { execFileSync } from "node:child_process";
import { closeSync, ftruncateSync, openSync } from "node:fs";
import { join } from "node:path";
import { deflateSync } from "node:zlib";
import { describe, expect, test } from "@jest/globals";
import encodeChunks from "png-chunks-encode";
import sharp from "sharp";
import { DreamError } from "../../lib/errors.js";
import { decodePicture, readPicture } from "../../lib/images/pixels/decode-picture.js";
import { temporaryFolder } from "../support/temporary-folder.js";

const folder = await temporaryFolder();
const noise = Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => (i * i * 7) % 251);
const image = sharp(noise, { raw: { width: 64, height: 64, channels: 3 } });
const files = {
  PNG: await image.clone().png().toBuffer(),
  JPEG: await image.clone().jpeg().toBuffer(),
  WebP: await image.clone().webp().toBuffer(),
  GIF: await image.clone().gif().toBuffer(),
};

async function refused(bytes: Uint8Array, sentence: string): Promise<void> {
  const started = Date.now();
  await expect(decodePicture(bytes, "evil")).rejects.toMatchObject({ name: "DreamError", message: expect.stringContaining(sentence) });
  expect(Date.now() - started).toBeLessThan(5000);
}

/** A PNG whose header says what it likes. */
function pngOf(width: number, height: number, data: Uint8Array): Uint8Array {
  const header = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 8, 2, 0, 0, 0]);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  return encodeChunks([
    { name: "IHDR", data: header },
    { name: "IDAT", data },
    { name: "IEND", data: Buffer.alloc(0) },
  ]);
}

describe("not a picture", () => {
  test("an empty file", () => refused(new Uint8Array(0), "evil is empty"));
  test("one byte", () => refused(Uint8Array.of(0x89), "not a picture that can be read"));
  test("text", () => refused(Buffer.from("hello, I am a PNG"), "not a picture that can be read"));
  test.each([
    ["SVG, which can name other files", '<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>'],
    ["XML", '<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg>&x;</svg>'],
    ["PDF", "%PDF-1.7\n"],
    ["TIFF", "II*\0"],
    ["PPM", "P6 1 1 255 abc"],
  ])("%s", (_, text) => refused(Buffer.from(text), "not a picture that can be read"));
  test.each(Object.entries(files))("only the first bytes of a %s", (_, bytes) => refused(bytes.subarray(0, 12), "damaged or cut off"));
});

describe("cut off", () => {
  test.each(Object.entries(files))("a %s in its middle", async (format, bytes) => {
    await refused(bytes.subarray(0, bytes.length / 2), `evil is a ${format} file that is damaged or cut off`);
  });
});

describe("more pixels than there are", () => {
  test("a PNG header of 65535×65535", () =>
    refused(pngOf(65535, 65535, deflateSync(Buffer.alloc(99))), "65535×65535 pixels, more than 100"));
  test("a PNG header of 2147483647×1", () => refused(pngOf(0x7fff_ffff, 1, deflateSync(Buffer.alloc(99))), "evil"));
  test("a PNG header of 0×0", () => refused(pngOf(0, 0, deflateSync(Buffer.alloc(99))), "damaged or cut off"));
  test("less data than the header says", () => refused(pngOf(5000, 5000, deflateSync(Buffer.alloc(99))), "damaged or cut off"));
  test("a JPEG header of 65500×65500", async () => {
    const bytes = Buffer.from(files.JPEG);
    const frame = bytes.indexOf(Buffer.of(0xff, 0xc0));
    bytes.writeUInt16BE(65500, frame + 5);
    bytes.writeUInt16BE(65500, frame + 7);
    await refused(bytes, "65500×65500 pixels, more than 100");
  });
  test("a profile that inflates to 64 MB does not end the program", async () => {
    const profile = Buffer.concat([Buffer.from("p\0\0"), deflateSync(Buffer.alloc(64 * 1024 * 1024))]);
    const png = encodeChunks([
      { name: "IHDR", data: Buffer.from([0, 0, 0, 1, 0, 0, 0, 1, 8, 2, 0, 0, 0]) },
      { name: "iCCP", data: profile },
      { name: "IDAT", data: deflateSync(Buffer.alloc(4)) },
      { name: "IEND", data: Buffer.alloc(0) },
    ]);
    const before = process.memoryUsage().rss;
    expect([...(await decodePicture(png, "evil")).rgb]).toEqual([0, 0, 0]);
    expect(process.memoryUsage().rss - before).toBeLessThan(256 * 1024 * 1024);
  });
});

describe("files that are no files", () => {
  test("one that is larger than any picture", async () => {
    const path = join(folder, "huge.png");
    const file = openSync(path, "w");
    ftruncateSync(file, 10 * 1024 ** 3);
    closeSync(file);
    await expect(readPicture(path)).rejects.toMatchObject({ code: "image/too-large", message: expect.stringContaining("256 MiB") });
  });

  (process.platform === "win32" ? test.skip : test)("a pipe that nobody writes to", async () => {
    const path = join(folder, "pipe.png");
    execFileSync("mkfifo", [path]);
    await expect(readPicture(path)).rejects.toMatchObject({ code: "file/unreadable", message: `${path} is not a file` });
  });

  (process.platform === "linux" ? test : test.skip)("a device without an end", async () => {
    await expect(readPicture("/dev/zero")).rejects.toMatchObject({ code: "file/unreadable" });
  });
});

test.each(Object.entries(files))("every changed byte of a %s ends in pixels or in a sentence", async (_, whole) => {
  for (let place = 0; place < Math.min(whole.length, 700); place += 3) {
    const bytes = Buffer.from(whole);
    bytes.writeUInt8(bytes.readUInt8(place) ^ 0xff, place);
    try {
      const { width, height, rgb } = await decodePicture(bytes, "evil");
      expect(rgb).toHaveLength(width * height * 3);
    } catch (error) {
      if (!(error instanceof DreamError)) throw error;
      expect(error.message).toMatch(/^evil /);
    }
  }
});
