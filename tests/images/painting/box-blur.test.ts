import { expect, test } from "@jest/globals";
import { boxBlur } from "../../../lib/images/painting/box-blur.js";

const LEVELS = [0, 0, 0, 255, 255, 10, 20, 30, 40, 50, 255, 0, 255, 0, 255];
const size = { width: 5, height: 3 };

/** `ImageFilter.BoxBlur(radius)` of Pillow 13.0.0. */
test.each([
  [1, [4, 7, 67, 127, 186, 61, 63, 67, 127, 157, 118, 120, 67, 127, 129]],
  [2, [44, 66, 98, 130, 172, 85, 86, 108, 130, 172, 126, 106, 118, 130, 172]],
  [8, [142, 150, 158, 166, 174, 150, 157, 164, 171, 179, 158, 164, 170, 177, 183]],
])("radius %i gives what Pillow gives", (radius, expected) => {
  expect([...boxBlur(Uint8Array.from(LEVELS), size, radius)]).toEqual(expected);
});

test("radius 0 changes nothing", () => {
  expect([...boxBlur(Uint8Array.from(LEVELS), size, 0)]).toEqual(LEVELS);
});
