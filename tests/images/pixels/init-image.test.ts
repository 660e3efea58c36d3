import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import sharp from "sharp";
import { adjustInitImage, initImageSize, readInitImage } from "../../../lib/images/pixels/init-image.js";
import { temporaryFolder } from "../../support/temporary-folder.js";
import { thrown } from "../../support/thrown.js";

const folder = await temporaryFolder();
const sized = (width: number, height: number) => ({ width, height, file: { path: "x.png" } });
const sizeOf = (image: readonly [number, number], box?: readonly [number, number]) => {
  const { width, height } = initImageSize(sized(...image), box && { width: box[0], height: box[1] });
  return [width, height];
};

test.each([
  [
    [512, 512],
    [512, 512],
  ],
  [
    [128, 320],
    [128, 320],
  ],
  [
    [513, 575],
    [448, 512],
  ],
  // Inside the box of 640×448 it is 627×448.
  [
    [700, 500],
    [576, 448],
  ],
  [
    [1920, 1080],
    [1792, 1024],
  ],
  [
    [64, 64],
    [64, 64],
  ],
  [
    [8192, 64],
    [8192, 64],
  ],
] as const)("without --fit %j becomes %j", (image, expected) => expect(sizeOf(image)).toEqual(expected));

test.each([
  [
    [1024, 1024],
    [512, 512],
    [512, 512],
  ],
  [
    [1920, 1080],
    [640, 480],
    [640, 320],
  ],
  [
    [1080, 1920],
    [640, 480],
    [256, 448],
  ],
  // It grows, too.
  [
    [100, 50],
    [512, 512],
    [512, 256],
  ],
  [
    [300, 300],
    [512, 384],
    [384, 384],
  ],
  [[12, 9000], [512, 8192], undefined],
  // 49/75 of 75 would be a little less than 49 in floating-point arithmetic: sizes like these must fill their box.
  [
    [75, 75],
    [448, 448],
    [448, 448],
  ],
  [
    [500, 500],
    [448, 448],
    [448, 448],
  ],
] as const)("%j in the box %j becomes %j", (image, box, expected) => {
  if (expected === undefined) expect(() => sizeOf(image, box)).toThrow("x.png has 12x9000 pixels");
  else expect(sizeOf(image, box)).toEqual(expected);
});

test("every size fills one side of the box that it fits in", () => {
  for (let side = 1; side <= 2000; side++) expect(sizeOf([side, side], [448, 448])).toEqual([448, 448]);
});

test.each([
  [[63, 500], undefined, "x.png has 63x500 pixels: less than 64 of a side would be left; enlarge it, with --fit for example"],
  [[1000, 10], [512, 512], "x.png has 1000x10 pixels: less than 64 of a side would be left; give a larger -W and -H"],
  [[9000, 9000], undefined, "x.png has 9000x9000 pixels, and a side has at most 8192; --fit makes it smaller"],
] as const)("%j in the box %j is refused", (image, box, sentence) => {
  expect(thrown(() => sizeOf(image, box)).sentence).toBe(sentence);
});

const red = sharp({ create: { width: 130, height: 70, channels: 3, background: "#ff0000" } });

test.each([
  ["png", red.clone().png()],
  ["jpg", red.clone().jpeg()],
  ["webp", red.clone().webp({ lossless: true })],
])("%s is read with the hash of its file", async (extension, image) => {
  const path = join(folder, `red.${extension}`);
  await image.toFile(path);
  const read = await readInitImage(path);
  expect(read).toMatchObject({ width: 130, height: 70, file: { path }, notes: [] });
  expect(read.hash).toBe(createHash("sha256").update(readFileSync(path)).digest("hex"));
  const adjusted = await adjustInitImage(read, { width: 64, height: 64 });
  expect(adjusted.rgb).toHaveLength(64 * 64 * 3);
  expect([...adjusted.rgb.subarray(0, 3)].map((level, i) => Math.abs(level - [255, 0, 0][i]!) < 3)).toEqual([true, true, true]);
});

test("a camera's orientation is applied", async () => {
  const path = join(folder, "turned.jpg");
  await red.clone().withMetadata({ orientation: 6 }).jpeg().toFile(path);
  expect(await readInitImage(path)).toMatchObject({ width: 70, height: 130 });
});

test("colours below transparent pixels stay", async () => {
  const path = join(folder, "clear.png");
  await sharp(new Uint8Array(64 * 64 * 4).fill(90).fill(0, 3, 4), { raw: { width: 64, height: 64, channels: 4 } }).toFile(path);
  const image = await readInitImage(path);
  expect(image.alpha?.[0]).toBe(0);
  expect((await adjustInitImage(image, image)).rgb[0]).toBe(90);
});

test("a file that is not there", async () => {
  await expect(readInitImage("nowhere/x.png")).rejects.toMatchObject({
    code: "file/not-found",
    sentence: "nowhere/x.png: File not found; check the path",
  });
});
