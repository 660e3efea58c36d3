import { expect, test } from "@jest/globals";
import { resolveUpscale } from "../../lib/options/upscale.js";
import { thrown } from "../support/thrown.js";

test.each([
  [undefined, undefined, []],
  [[2], [2, 0.75], []],
  [[4, 0], [4, 0], []],
  [[3, 1], [3, 1], []],
  [[1, 0.75], undefined, []],
  [[2.9], [2, 0.75], [">> -U takes whole factors: 2 instead of 2.9"]],
  [[0], undefined, [">> Real-ESRGAN: Invalid scaling option. Image not upscaled."]],
  [[-2], undefined, [">> Real-ESRGAN: Invalid scaling option. Image not upscaled."]],
])("-U %j is %j", (upscale, expected, said) => {
  const notices: string[] = [];
  expect(resolveUpscale({ upscale }, notices).upscale).toEqual(expected);
  expect(notices).toEqual(said);
});

test.each([[[2, -0.5]], [[2, 1.5]]])("-U %j is refused: no such strength", (upscale) => {
  expect(thrown(() => resolveUpscale({ upscale }, []))).toMatchObject({ code: "usage/strength" });
});
