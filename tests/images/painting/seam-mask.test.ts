import { expect, test } from "@jest/globals";
import { seamMask } from "../../../lib/images/painting/seam-mask.js";

const extent = { width: 10, height: 3 };
const columns = (levels: readonly number[]) => Uint8Array.from({ length: 30 }, (_, i) => levels[i % 10]!);
const left = columns([255, 255, 255, 255, 255, 0, 0, 0, 0, 0]);

test.each([
  [0, [255, 255, 255, 255, 0, 0, 255, 255, 255, 255]],
  [2, [255, 255, 255, 0, 0, 0, 0, 255, 255, 255]],
  [5, [255, 255, 0, 0, 0, 0, 0, 0, 255, 255]],
])("size %i paints both sides of the border and half of that around it", (size, expected) => {
  expect(seamMask(left, extent, size, 0)).toEqual(columns(expected));
});

test("a blur softens it", () => {
  expect([...seamMask(left, extent, 2, 1)!.subarray(0, 10)]).toEqual([255, 255, 170, 85, 0, 0, 85, 170, 255, 255]);
});

test("partly kept pixels belong to the border", () => {
  const soft = columns([255, 255, 255, 200, 100, 0, 0, 0, 0, 0]);
  expect(seamMask(soft, extent, 0, 0)).toEqual(columns([255, 255, 255, 0, 0, 255, 255, 255, 255, 255]));
});

test("a border between rows is one, too", () => {
  const upper = Uint8Array.from({ length: 30 }, (_, i) => (i < 10 ? 255 : 0));
  expect(seamMask(upper, extent, 0, 0)!.lastIndexOf(0)).toBe(19);
});

test.each([0, 255])("without a border (all %i) there is no seam", (level) => {
  expect(seamMask(new Uint8Array(30).fill(level), extent, 96, 16)).toBeUndefined();
});
