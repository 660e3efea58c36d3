import { expect, test } from "@jest/globals";
import { extendPicture, movePicture } from "../../../lib/images/painting/extend-picture.js";

const row = (...levels: number[]) => ({
  width: levels.length,
  height: 1,
  rgb: Uint8Array.from(levels.flatMap((level) => [level, level, level])),
});
const reds = ({ rgb }: { readonly rgb: Uint8Array }) => [...rgb.filter((_, i) => i % 3 === 0)];

test("a picture keeps its pixels on the larger canvas, what is new is black and transparent", () => {
  const canvas = extendPicture(row(1, 2), { top: 1, left: 2, bottom: 0, right: 1 });
  expect([canvas.width, canvas.height]).toEqual([5, 2]);
  expect(reds(canvas)).toEqual([0, 0, 0, 0, 0, 0, 0, 1, 2, 0]);
  expect([...canvas.alpha]).toEqual([0, 0, 0, 0, 0, 0, 0, 255, 255, 0]);
});

test("a transparent picture stays so on the canvas", () => {
  const canvas = extendPicture({ ...row(1, 2), alpha: Uint8Array.of(9, 255) }, { top: 0, left: 1, bottom: 0, right: 0 });
  expect([...canvas.alpha]).toEqual([0, 9, 255]);
});

test.each([
  ["left", [2, 1, 1, 2, 3, 4], [0, 0, 255, 255, 255, 255]],
  ["right", [3, 4, 5, 6, 6, 5], [255, 255, 255, 255, 0, 0]],
] as const)("moved away from the %s, the free part mirrors what lies beside it", (side, levels, alpha) => {
  const moved = movePicture(row(1, 2, 3, 4, 5, 6), side, 2);
  expect(reds(moved)).toEqual(levels);
  expect([...moved.alpha]).toEqual(alpha);
});

test("a picture is moved down and up as well", () => {
  const column = { width: 1, height: 3, rgb: row(1, 2, 3).rgb };
  expect(reds(movePicture(column, "top", 1))).toEqual([1, 1, 2]);
  expect(reds(movePicture(column, "bottom", 2))).toEqual([3, 3, 2]);
});

test("every second line of a tenth of the moved width is painted, too", () => {
  const { alpha } = movePicture(row(...Array<number>(64).fill(5)), "left", 32);
  expect([...alpha.subarray(32, 38)]).toEqual([255, 0, 255, 255, 255, 255]);
});
