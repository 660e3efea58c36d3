import { describe, expect, test } from "@jest/globals";
import { alignFace, type Similarity } from "../../../lib/images/faces/align-face.js";
import { pasteFace } from "../../../lib/images/faces/paste-face.js";
import { cutFace } from "../../../lib/images/faces/sample-picture.js";
import type { RgbPicture } from "../../../lib/images/pixels/encode-png.js";
import { facePicture, faceRows } from "../../oracles/read-faces.js";

const picture = await facePicture("picture.png");
const face = await facePicture("face.png");
const alignmentOf = (name: string): Similarity => {
  const [[cosine = 0, minusSine = 0, right = 0, , , down = 0] = []] = faceRows(name, 6);
  return { cosine, sine: -minusSine, right, down };
};

/** Mean and largest difference of two pictures' levels. */
function difference(one: RgbPicture, other: RgbPicture): { mean: number; largest: number } {
  expect([one.width, one.height]).toEqual([other.width, other.height]);
  let [sum, largest] = [0, 0];
  for (const [i, level] of one.rgb.entries()) {
    const distance = Math.abs(level - other.rgb[i]!);
    sum += distance;
    largest = Math.max(largest, distance);
  }
  return { mean: sum / one.rgb.length, largest };
}

const flat = (side: number, level: number): RgbPicture => ({ width: side, height: side, rgb: new Uint8Array(side * side * 3).fill(level) });

test("the cut square is OpenCV's, the grey beyond the picture included", async () => {
  const { mean, largest } = difference(cutFace(picture, alignmentOf("alignment"), 128), await facePicture("cut.png"));
  // OpenCV rounds places to 1/32 of a pixel.
  expect(mean).toBeLessThan(0.3);
  expect(largest).toBeLessThanOrEqual(5);
});

test("the pasted face is facexlib's", async () => {
  const mended = { ...picture, rgb: picture.rgb.slice() };
  await pasteFace(mended, face, alignmentOf("inside"));
  const { mean, largest } = difference(mended, await facePicture("pasted.png"));
  // facexlib cuts fractions off, and OpenCV rounds places to 1/32 of a pixel.
  expect(mean).toBeLessThan(0.5);
  expect(largest).toBeLessThanOrEqual(5);
});

describe("a face in the middle", () => {
  const upright = alignFace(
    [
      [88, 90],
      [112, 90],
      [100, 104],
      [90, 115],
      [111, 115],
    ],
    64,
  ) as Similarity;

  test("is pasted whole, and everything further out stays bit for bit", async () => {
    const mended = flat(200, 100);
    await pasteFace(mended, flat(64, 220), upright);
    const level = (x: number, y: number) => mended.rgb[(y * 200 + x) * 3];
    expect(level(100, 104)).toBe(220);
    expect([level(5, 5), level(195, 100), level(100, 195)]).toEqual([100, 100, 100]);
    const steps = Array.from({ length: 50 }, (_, x) => level(50 + x, 100) as number);
    expect(steps).toEqual([...steps].sort((one, other) => one - other));
    expect(new Set(steps).size).toBeGreaterThan(5);
  });

  test("whose pixels are the picture's own changes nothing", async () => {
    const mended = flat(200, 77);
    await pasteFace(mended, flat(64, 77), upright);
    expect(mended.rgb.every((level) => level === 77)).toBe(true);
  });

  test("beyond the picture is not there", async () => {
    const mended = flat(20, 100);
    await pasteFace(mended, flat(64, 220), { ...upright, right: upright.right - 5000 });
    expect(mended.rgb.every((level) => level === 100)).toBe(true);
  });

  test("whose corner lies beyond the picture goes on narrowing to the edge", async () => {
    // A square of 128 pixels, turned by 45°, of whose lower corner 16 pixels are cut off.
    const [cosine, sine] = [Math.SQRT1_2 / 2, Math.SQRT1_2 / 2];
    const alignment = { cosine, sine, right: 31.5 - (100 * cosine - 125.5 * sine), down: 31.5 - (100 * sine + 125.5 * cosine) };
    const mended = flat(200, 100);
    await pasteFace(mended, flat(64, 220), alignment);
    const changed = (y: number) =>
      Array.from({ length: 200 }, (_, x) => mended.rgb[(y * 200 + x) * 3]!).filter((level) => level > 101).length;
    expect(changed(180)).toBeGreaterThan(20);
    expect([185, 190, 195, 199].map(changed)).toEqual([changed(180) - 10, changed(180) - 20, changed(180) - 30, changed(180) - 38]);
  });

  test("without any size, or beyond all bounds, takes no memory", async () => {
    const mended = flat(50, 100);
    await pasteFace(mended, flat(64, 220), { cosine: 1e-7, sine: 0, right: 30, down: 30 });
    expect(mended.rgb.every((level) => level === 220)).toBe(true);
    await pasteFace(flat(50, 100), flat(64, 220), { cosine: 1e7, sine: 0, right: 0, down: 0 });
  });

  test("can be stopped", async () => {
    const stop = () => {
      throw new Error("stopped");
    };
    const wide = { cosine: 0.1, sine: 0, right: 0, down: 0 };
    await expect(pasteFace(flat(460, 100), flat(64, 220), wide, stop)).rejects.toThrow("stopped");
  });
});
