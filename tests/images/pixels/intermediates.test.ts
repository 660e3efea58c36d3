import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "@jest/globals";
import sharp from "sharp";
import { Intermediates, isIntermediate } from "../../../lib/images/pixels/intermediates.js";
import { temporaryFolder } from "../../support/temporary-folder.js";

const root = await temporaryFolder();
const preview = { width: 8, height: 4, rgb: Uint8Array.from({ length: 96 }, (_, i) => (i % 3) * 100), span: 8 };

let outdir: string;
let told: string[];
beforeEach(() => {
  outdir = mkdtempSync(join(root, "test-"));
  told = [];
});
const begin = (every: number) => new Intermediates(outdir, 17, every, (text) => told.push(text));

test.each([
  [1, 4, [0, 1, 2, 3]],
  [2, 6, [0, 2, 4, 5]],
  [5, 11, [0, 5, 10]],
  [100, 3, [0, 2]],
])("every %i of %i steps: %j", (every, steps, kept) => {
  const all = Array.from({ length: steps + 1 }, (_, i) => i - 1);
  expect(all.filter((step) => isIntermediate(step, steps, every))).toEqual(kept);
});

describe("saving", () => {
  test("the steps that are kept, eight times as large", async () => {
    const intermediates = begin(2);
    for (let step = 0; step < 6; step++) intermediates.add(0, step, 6, preview);
    await intermediates.finish();
    const folder = join(outdir, "intermediates", "000017");
    expect(intermediates.folder).toBe(folder);
    expect(told).toEqual([`>> Intermediate images will be written into ${folder}`]);
    expect(readdirSync(folder).sort()).toEqual(["0000.png", "0002.png", "0004.png", "0005.png"]);
    const { data, info } = await sharp(join(folder, "0000.png")).raw().toBuffer({ resolveWithObject: true });
    expect([info.width, info.height]).toEqual([64, 32]);
    expect([...data.subarray(0, 6)]).toEqual([0, 100, 200, 0, 100, 200]);
  });

  test("previews in full size as they are", async () => {
    const intermediates = begin(1);
    intermediates.add(0, 0, 1, { ...preview, span: 1 });
    await intermediates.finish();
    const { width, height } = await sharp(join(intermediates.folder, "0000.png")).metadata();
    expect([width, height]).toEqual([8, 4]);
  });

  test("later pictures of the line have names of their own", async () => {
    const intermediates = begin(1);
    for (const picture of [0, 1, 12]) intermediates.add(picture, 0, 1, preview);
    await intermediates.finish();
    expect(readdirSync(intermediates.folder).sort()).toEqual(["0000-01.png", "0000-12.png", "0000.png"]);
  });

  test("replaces what an interrupted line left under the same number", async () => {
    const intermediates = begin(1);
    mkdirSync(intermediates.folder, { recursive: true });
    writeFileSync(join(intermediates.folder, "0000.png"), "old");
    intermediates.add(0, 0, 1, preview);
    await intermediates.finish();
    expect(readFileSync(join(intermediates.folder, "0000.png")).subarray(1, 4).toString()).toBe("PNG");
  });
});

describe("failures are told once and end nothing", () => {
  test("no folder can be made", async () => {
    writeFileSync(join(outdir, "intermediates"), "a file");
    const intermediates = begin(1);
    for (let step = 0; step < 3; step++) intermediates.add(0, step, 3, preview);
    await intermediates.finish();
    expect(told.slice(1)).toEqual([
      `** cannot write ${intermediates.folder}: a part of the path is a file; no more intermediate images of this line`,
    ]);
  });

  test("the folder vanishes on the way", async () => {
    const intermediates = begin(1);
    intermediates.add(0, 0, 3, preview);
    await intermediates.finish();
    rmSync(intermediates.folder, { recursive: true });
    intermediates.add(0, 1, 3, preview);
    intermediates.add(0, 2, 3, preview);
    await intermediates.finish();
    expect(told.slice(1)).toEqual([expect.stringMatching(/^\*\* cannot write .*0001\.png: .*; no more intermediate images of this line$/)]);
  });
});
