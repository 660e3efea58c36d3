import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "@jest/globals";
import sharp from "sharp";
import { logPicture } from "../../lib/images/metadata/log.js";
import { prepareOutputFolder } from "../../lib/images/names/output-folder.js";
import { encodePng } from "../../lib/images/pixels/encode-png.js";
import { temporaryFolder } from "../support/temporary-folder.js";

const root = await temporaryFolder();

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(root, "test-"));
});
const touch = (...names: string[]) => {
  for (const name of names) writeFileSync(join(folder, name), "");
};

describe("the output folder", () => {
  test("is made with its parents", async () => {
    await prepareOutputFolder(join(folder, "a", "b"));
    expect(existsSync(join(folder, "a", "b"))).toBe(true);
  });

  test("a file in its place is said", async () => {
    touch("file");
    await expect(prepareOutputFolder(join(folder, "file"))).rejects.toThrow("it is a file, not a folder");
    await expect(prepareOutputFolder(join(folder, "file", "below"))).rejects.toThrow("a part of the path is a file");
  });

  (process.getuid?.() === 0 ? test.skip : test)("a read-only folder is said", async () => {
    mkdirSync(join(folder, "locked"));
    chmodSync(join(folder, "locked"), 0o555);
    await expect(prepareOutputFolder(join(folder, "locked"))).rejects.toThrow("you may not write there");
  });
});

test("both logs grow by one entry a picture", async () => {
  await logPicture(folder, "outputs/000001.5.png", '"a cat" -s 50');
  await logPicture(folder, "outputs/000001.6.png", '"a cat" -s 50');
  expect(readFileSync(join(folder, "dream_log.txt"), "utf8")).toBe(
    'outputs/000001.5.png: "a cat" -s 50\noutputs/000001.6.png: "a cat" -s 50\n',
  );
  expect(readFileSync(join(folder, "dream_log.md"), "utf8")).toContain('## 000001.6.png\n![](000001.6.png)\n\n"a cat" -s 50\n');
});

test("an entry that a crash cut off stays alone on its line", async () => {
  for (const name of ["dream_log.txt", "dream_log.md"]) writeFileSync(join(folder, name), "outputs/000001.4.png: a c");
  await logPicture(folder, "outputs/000001.5.png", '"a cat" -s 50');
  expect(readFileSync(join(folder, "dream_log.txt"), "utf8").split("\n")).toContain('outputs/000001.5.png: "a cat" -s 50');
  expect(readFileSync(join(folder, "dream_log.md"), "utf8").split("\n")).toContain("## 000001.5.png");
});

test("a log that is a folder is said", async () => {
  mkdirSync(join(folder, "dream_log.txt"));
  await expect(logPicture(folder, "outputs/000001.5.png", "x")).rejects.toThrow("dream_log.txt: it is a folder, not a file");
});

test.each([0, 9])("compression level %i changes the file, not the pixels", async (level) => {
  const rgb = Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => i % 7);
  const [png, usual] = [await encodePng({ width: 64, height: 64, rgb }, [], level), await encodePng({ width: 64, height: 64, rgb }, [])];
  expect(png).not.toEqual(usual);
  expect(new Uint8Array(await sharp(png).raw().toBuffer())).toEqual(rgb);
});
