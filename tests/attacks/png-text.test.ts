import { deflateSync } from "node:zlib";
import { expect, test } from "@jest/globals";
import encodeChunks from "png-chunks-encode";
import { readPngText } from "../../lib/images/metadata/png-text.js";
import { encodePng } from "../../lib/images/pixels/encode-png.js";

const header = { name: "IHDR", data: Buffer.from([0, 0, 0, 1, 0, 0, 0, 1, 8, 2, 0, 0, 0]) };
const end = { name: "IEND", data: Buffer.alloc(0) };
const png = (...chunks: { name: string; data: Uint8Array }[]) => encodeChunks([header, ...chunks, end]);
const text = (name: string, ...parts: (string | Uint8Array)[]) => ({
  name,
  data: Buffer.concat(parts.map((part) => Buffer.from(part as Uint8Array))),
});
const bomb = deflateSync(Buffer.alloc(64 * 1024 * 1024, "x"));

function refused(bytes: Uint8Array, reason: string): void {
  const started = Date.now();
  expect(() => readPngText(bytes, "evil.png")).toThrow(
    expect.objectContaining({ code: "image/unreadable", message: expect.stringContaining(reason) }),
  );
  expect(Date.now() - started).toBeLessThan(5000);
}

test.each([
  ["text", "hello"],
  ["an empty file", ""],
  ["the beginning of a signature", "\x89PNG"],
])("%s is no PNG", (_, bytes) => {
  expect(() => readPngText(Buffer.from(bytes, "latin1"), "evil.png")).toThrow(
    expect.objectContaining({ code: "image/not-png", message: "evil.png is not a PNG file" }),
  );
});
test("a signature alone", () => refused(png().subarray(0, 8), "is cut off"));
test("a chunk that claims two gigabytes", () => {
  const bytes = Buffer.from(png());
  bytes.writeUInt32BE(0x7fff_ffff, 33);
  refused(bytes, "wrong length");
});
test("a header that claims four gigabytes", () => {
  const bytes = Buffer.from(png());
  bytes.writeUInt32BE(0xffff_ffff, 8);
  refused(bytes, "wrong length");
});
test("no end", () => refused(png().subarray(0, -12), "is cut off"));
test("a second header", () => refused(png(header), "does not begin with one header"));
test("no header", () => refused(encodeChunks([{ name: "tEXt", data: Buffer.alloc(13, "x") }, end]), "does not begin with one header"));
test("a compressed text that inflates to 64 MB", () => refused(png(text("zTXt", "k\0\0", bomb)), "larger than 2 MiB"));
test("the same in iTXt", () => refused(png(text("iTXt", "k\0\x01\0\0\0", bomb)), "larger than 2 MiB"));
test("many texts that are large together", () => {
  const chunk = text("tEXt", "k\0", Buffer.alloc(3 * 1024 * 1024, "x"));
  refused(png(chunk, chunk, chunk), "more than 8 MiB");
});
test("many compressed texts that are large together", () => {
  const chunk = text("zTXt", "k\0\0", deflateSync(Buffer.alloc(1_500_000, "x")));
  refused(png(chunk, chunk), "2 MiB");
});
test("a text without a keyword", () => refused(png(text("tEXt", "no zero byte")), "without a keyword"));
test("an iTXt that ends early", () => refused(png(text("iTXt", "k\0\0\0en")), "damaged iTXt"));
test("garbage for compressed text", () => refused(png(text("zTXt", "k\0\0", "garbage")), "damaged"));

test("a text with a wrong checksum is left out, the others are read", () => {
  const bytes = Buffer.from(png(text("tEXt", "bad\0x"), text("tEXt", "good\0y")));
  bytes.writeUInt8(bytes.readUInt8(33 + 8) ^ 1, 33 + 8);
  expect(readPngText(bytes, "x.png")).toEqual([{ keyword: "good", text: "y" }]);
});

test("every cut and every changed byte of a real file ends in a sentence or in text", async () => {
  const whole = await encodePng({ width: 4, height: 4, rgb: new Uint8Array(48) }, [{ keyword: "Dream", text: "猫" }]);
  for (let i = 0; i < whole.length; i++) {
    const changed = Buffer.from(whole);
    changed.writeUInt8(changed.readUInt8(i) ^ 0xff, i);
    for (const bytes of [whole.subarray(0, i), changed]) {
      try {
        readPngText(bytes, "x.png");
      } catch (error) {
        expect(error).toMatchObject({ code: i < 8 ? "image/not-png" : "image/unreadable" });
      }
    }
  }
});
