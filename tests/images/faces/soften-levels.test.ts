import { expect, test } from "@jest/globals";
import { gaussianKernel, softenLevels } from "../../../lib/images/faces/soften-levels.js";
import { faceRows } from "../../oracles/read-faces.js";

test.each([3, 5, 7, 11, 41])("OpenCV's kernel of %i pixels", (pixels) => {
  const [expected = []] = faceRows(`gaussian-${pixels}`, pixels);
  for (const [i, weight] of gaussianKernel((pixels - 1) / 2).entries()) expect(weight).toBeCloseTo(expected[i]!, 6);
});

test("an edge becomes the sum of the kernel's weights, mirrored at the border", async () => {
  const levels = Float32Array.of(0, 0, 0, 0, 1, 1, 1);
  await softenLevels(levels, { width: 7, height: 1 }, 1);
  expect([...levels]).toEqual([0, 0, 0, 0.25, 0.75, 1, 1]);
  const upright = Float32Array.of(1, 0, 0, 0);
  await softenLevels(upright, { width: 1, height: 4 }, 1);
  expect([...upright]).toEqual([0.5, 0.25, 0, 0]);
});
