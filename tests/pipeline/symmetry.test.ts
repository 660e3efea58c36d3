import { expect, test } from "@jest/globals";
import { isMirrorStep, mirrorLeftToRight, mirrorTopToBottom } from "../../lib/pipeline/symmetry.js";

test.each([
  [0.3, 10, [4]],
  [0.25, 10, [4]],
  [0.0001, 10, [2]],
  [0.07, 100, [8]],
  [0.9, 10, [10]],
  // No step reaches these.
  [0.95, 10, [10]],
  [1, 10, [10]],
  [0.5, 1, [1]],
  [0, 10, []],
])("a time of %d is due in a run of %i steps behind %j", (time, total, expected) => {
  const steps = Array.from({ length: total }, (_, i) => i + 1);
  expect(steps.filter((step) => isMirrorStep(time, { step, total }))).toEqual(expected);
});

test("the right half becomes the mirror image of the left one, in every channel", () => {
  const latents = Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16);
  mirrorLeftToRight(latents, { height: 2, width: 4 });
  expect([...latents]).toEqual([1, 2, 2, 1, 5, 6, 6, 5, 9, 10, 10, 9, 13, 14, 14, 13]);
});

test("the lower half becomes the mirror image of the upper one, in every channel", () => {
  const latents = Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 13, 14, 15, 16, 17, 18);
  mirrorTopToBottom(latents, { height: 4, width: 2 });
  expect([...latents]).toEqual([1, 2, 3, 4, 3, 4, 1, 2, 11, 12, 13, 14, 13, 14, 11, 12]);
});

test("the middle of an odd extent stays", () => {
  const row = Float32Array.of(1, 2, 3, 4, 5);
  mirrorLeftToRight(row, { height: 1, width: 5 });
  expect([...row]).toEqual([1, 2, 3, 2, 1]);
  const column = Float32Array.of(1, 2, 3);
  mirrorTopToBottom(column, { height: 3, width: 1 });
  expect([...column]).toEqual([1, 2, 1]);
});
