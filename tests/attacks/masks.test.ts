import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import sharp from "sharp";
import { openSession } from "../repl/commands/open-session.js";
import { temporaryFolder } from "../support/temporary-folder.js";

/** Masks that are none, or lie: one clear line each, and nothing is made. */

const folder = await temporaryFolder();
const picture = join(folder, "picture.png");
await sharp({ create: { width: 128, height: 128, channels: 3, background: "red" } }).toFile(picture);
const grey = (width: number, height: number, level: number) =>
  sharp(Buffer.alloc(width * height, level), { raw: { width, height, channels: 1 } })
    .png()
    .toBuffer();
const whole = await grey(128, 128, 0);
/** The header says 40,000 pixels a side. */
const huge = Buffer.from(whole);
huge.writeUInt32BE(40_000, 16);
huge.writeUInt32BE(40_000, 20);

test.each([
  ["empty.png", Buffer.alloc(0), /empty\.png is empty/],
  ["cut.png", whole.subarray(0, whole.length / 2), /cut\.png is a PNG file that is damaged or cut off/],
  ["huge.png", huge, /huge\.png/],
  ["text.png", Buffer.from("I am a mask"), /text\.png is not a picture that can be read/],
  ["strip.png", await grey(4000, 4, 0), /strip\.png has 4000x4 pixels, the picture 128x128: they do not belong together/],
  ["white.png", await grey(128, 128, 255), /white\.png keeps the whole picture/],
])("%s", async (name, bytes, sentence) => {
  writeFileSync(join(folder, name), bytes);
  const opened = await openSession();
  expect(await opened.session.submit(`a -S5 -I ${picture} -M ${join(folder, name)}`)).toBe("failed");
  expect(opened.said("problem")).toMatch(sentence);
  expect(opened.said("problem").split("\n")).toHaveLength(1);
  expect(opened.engine.jobs).toEqual([]);
  expect(readdirSync(opened.folder)).toEqual([]);
});

test.each(["--seam_size 8193", "--seam_steps 1001", "--tile_size 0", "--tile_size 9999999", "-r -1", "--infill_method sky"])(
  "%s is out of bounds",
  async (switches) => {
    const opened = await openSession();
    expect(await opened.session.submit(`a -S5 -I ${picture} ${switches}`)).toBe("failed");
    expect(opened.engine.jobs).toEqual([]);
  },
);

test("a mask of one pixel is stretched, and said", async () => {
  writeFileSync(join(folder, "dot.png"), await grey(1, 1, 0));
  const opened = await openSession();
  expect(await opened.session.submit(`a -S5 -I ${picture} -M ${join(folder, "dot.png")}`)).toBe("done");
  expect(opened.said("text")).toContain("dot.png has 1x1 pixels, the picture 128x128; it is resized");
  expect(opened.engine.jobs[0]?.init?.region?.keep).toEqual(new Uint8Array(128 * 128));
});
