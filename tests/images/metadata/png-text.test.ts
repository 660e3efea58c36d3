import { expect, test } from "@jest/globals";
import fc from "fast-check";
import sharp from "sharp";
import { readPngText } from "../../../lib/images/metadata/png-text.js";
import { encodePng } from "../../../lib/images/pixels/encode-png.js";
import { pngWithChunks, textChunk } from "../../support/png-with-chunks.js";

const rgb = Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => i % 251);
const picture = { width: 64, height: 64, rgb };

test("pixels and text survive, and sharp reads the text of others' readers", async () => {
  const png = await encodePng(picture, [
    { keyword: "Dream", text: '"a café" -s 50' },
    { keyword: "sd-metadata", text: '{"prompt":"猫 🐈"}' },
  ]);
  const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
  expect(info).toMatchObject({ width: 64, height: 64, channels: 3 });
  expect(Buffer.from(data).equals(Buffer.from(rgb))).toBe(true);
  expect(readPngText(png, "x.png")).toEqual([
    { keyword: "Dream", text: '"a café" -s 50' },
    { keyword: "sd-metadata", text: '{"prompt":"猫 🐈"}' },
  ]);
  const ascii = await encodePng(picture, [{ keyword: "Dream", text: '"a cat" -s 50' }]);
  expect((await sharp(ascii).metadata()).comments).toEqual([{ keyword: "Dream", text: '"a cat" -s 50' }]);
});

test("Latin-1 goes into tEXt, everything else into iTXt", async () => {
  const kinds = async (text: string) => Buffer.from(await encodePng(picture, [{ keyword: "Dream", text }])).toString("latin1", 37, 41);
  expect(await kinds("café")).toBe("tEXt");
  expect(await kinds("猫")).toBe("iTXt");
});

test("any text comes back", async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: "grapheme", maxLength: 300 }), async (text) => {
      const png = await encodePng({ width: 1, height: 1, rgb: new Uint8Array(3) }, [{ keyword: "Dream", text }]);
      expect(readPngText(png, "x.png")).toEqual([{ keyword: "Dream", text }]);
    }),
    { numRuns: 50 },
  );
});

test("a text that holds a whole picture is read", () => {
  const text = "x".repeat(4 * 1024 * 1024);
  expect(readPngText(pngWithChunks([textChunk.tEXt("meta", text)]), "x.png")).toEqual([{ keyword: "meta", text }]);
});
