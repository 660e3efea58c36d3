import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "@jest/globals";
import sharp from "sharp";
import { encodePng } from "../../lib/images/encode-png.js";
import { nextPrefix, PictureNames, pictureName } from "../../lib/images/file-names.js";
import { logPicture } from "../../lib/images/log.js";
import { pictureMetadata } from "../../lib/images/metadata.js";
import { writeNewFile } from "../../lib/images/new-file.js";
import { prepareOutputFolder } from "../../lib/images/output-folder.js";
import { temporaryFolder } from "../support/temporary-folder.js";

const root = await temporaryFolder();

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(root, "test-"));
});
const touch = (...names: string[]) => {
  for (const name of names) writeFileSync(join(folder, name), "");
};

describe("the number of the next command", () => {
  test("an empty folder begins at 1", async () => expect(await nextPrefix(folder)).toBe(1));

  test("gaps are never filled; other names do not count", async () => {
    touch("000001.5.png", "000007.42.postprocessed.png", "000009.5.jpg", "x.png", "12.png", "000008.tmp", ".000020.5.png.1-ab.tmp");
    expect(await nextPrefix(folder)).toBe(8);
  });

  test("shorter and longer numbers of other programs are compared as numbers", async () => {
    touch("00009.1.png", "000010.1.png", "1000000.1.png", "99999999999999999999999.1.png");
    expect(await nextPrefix(folder)).toBe(1_000_001);
  });

  test("six digits, growing beyond when needed", () => {
    expect(pictureName(17, 4829112)).toBe("000017.4829112.png");
    expect(pictureName(1_234_567, 0)).toBe("1234567.0.png");
  });
});

describe("writing pictures", () => {
  const bytes = Uint8Array.of(1, 2, 3);

  test("one number for all pictures of a command", async () => {
    const names = new PictureNames(folder);
    expect(await names.write(5, bytes)).toBe(join(folder, "000001.5.png"));
    expect(await names.write(6, bytes)).toBe(join(folder, "000001.6.png"));
    expect(readdirSync(folder).sort()).toEqual(["000001.5.png", "000001.6.png"]);
  });

  test("a name that another process took meanwhile is never overwritten", async () => {
    const [one, other] = [new PictureNames(folder), new PictureNames(folder)];
    await one.write(4, bytes);
    await other.write(4, bytes);
    writeFileSync(join(folder, "000001.5.png"), "theirs");
    expect(await one.write(5, bytes)).toBe(join(folder, "000003.5.png"));
    expect(readFileSync(join(folder, "000001.5.png"), "utf8")).toBe("theirs");
  });

  test("many at once get different names", async () => {
    const paths = await Promise.all(Array.from({ length: 8 }, () => new PictureNames(folder).write(1, bytes)));
    expect(new Set(paths).size).toBe(8);
    expect(readdirSync(folder)).toHaveLength(8);
  });

  test("a folder that vanished is said, and nothing stays behind", async () => {
    await expect(writeNewFile(join(folder, "gone", "x.png"), bytes)).rejects.toMatchObject({ code: "output/unwritable" });
    expect(readdirSync(folder)).toEqual([]);
  });
});

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

test("metadata has InvokeAI's fields and ours", () => {
  const settings = { prompt: "a cat", steps: 50, seed: 42, width: 512, height: 512, cfgScale: 7.5, sampler: "k_lms", rng: "cpu" } as const;
  const metadata: unknown = JSON.parse(
    pictureMetadata(settings, { appId: "dream-repl", appVersion: "1", modelId: "tiny", modelHash: "NOHASH" }),
  );
  expect(metadata).toMatchObject({
    model: "stable diffusion",
    model_id: "tiny",
    model_hash: "NOHASH",
    image: { type: "txt2img", prompt: [{ prompt: "a cat", weight: 1 }], seed: 42, cfg_scale: 7.5, rng: "cpu", variations: [] },
  });
});

test.each([0, 9])("compression level %i changes the file, not the pixels", async (level) => {
  const rgb = Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => i % 7);
  const [png, usual] = [await encodePng({ width: 64, height: 64, rgb }, [], level), await encodePng({ width: 64, height: 64, rgb }, [])];
  expect(png).not.toEqual(usual);
  expect(new Uint8Array(await sharp(png).raw().toBuffer())).toEqual(rgb);
});
