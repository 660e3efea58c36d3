import { expect, test } from "@jest/globals";
import { comparePictures } from "../../../lib/images/pixels/compare-pictures.js";

const picture = (...rgb: number[]) => ({ width: rgb.length / 3, height: 1, rgb: Uint8Array.from(rgb) });

test.each([
  [picture(1, 2, 3, 4, 5, 6), picture(1, 2, 3, 4, 5, 6), { differing: 0, pixels: 2, mean: 0, largest: 0 }],
  [picture(1, 2, 3, 4, 5, 6), picture(1, 2, 3, 5, 3, 6), { differing: 1, pixels: 2, mean: 0.5, largest: 2 }],
  [picture(0, 0, 0), picture(255, 255, 255), { differing: 1, pixels: 1, mean: 255, largest: 255 }],
])("%j and %j", (one, other, difference) => {
  expect(comparePictures(one, other)).toEqual(difference);
  expect(comparePictures(other, one)).toEqual(difference);
});

test("pictures of different sizes have no difference", () => {
  expect(() => comparePictures(picture(0, 0, 0), picture(0, 0, 0, 0, 0, 0))).toThrow(RangeError);
});
