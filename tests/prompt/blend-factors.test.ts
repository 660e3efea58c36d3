import { expect, test } from "@jest/globals";
import { blendFactors } from "../../lib/prompt/blend-factors.js";

test.each([
  ["weights are shared out", [1, 3], true, [0.25, 0.75]],
  ["raw weights stay", [1, 3], false, [1, 3]],
  ["a negative share", [2, -1], true, [2, -1]],
  ["weights that cancel", [1, -1], true, [0.5, 0.5]],
  ["weights that cancel but for rounding", [0.1, 0.2, -0.3], true, [1 / 3, 1 / 3, 1 / 3]],
  ["weights of zero", [0, 0], true, [0.5, 0.5]],
  ["raw weights that cancel", [1, -1], false, [1, -1]],
  ["weights whose sum overflows", [1e308, 1e308], true, [0.5, 0.5]],
])("%s", (_what, weights, normalize, factors) => {
  expect(blendFactors({ weights, normalize })).toEqual(factors.map((factor) => expect.closeTo(factor, 12)));
});
