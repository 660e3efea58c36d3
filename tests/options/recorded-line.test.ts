import { expect, test } from "@jest/globals";
import { isRecordedLine, withoutDrawing } from "../../lib/options/recorded-line.js";

test.each([
  ['"a cat" -s 50 -S 42 # model_id=crayon', true],
  ['"a cat" -s 50 -S 42 --grid -n 2 # model_id=crayon # [42, 7]', true],
  ["a cat -s50 # model_id=stable-diffusion-1.5", true],
  ["a cat -s50", false],
  ['"a cat # model_id=crayon" -s50', false],
  ["a cat -s50 # model_id=crayon and more", false],
])("%s: %p", (line, recorded) => {
  expect(isRecordedLine(line)).toBe(recorded);
});

test("only where pictures go is left of the launch values", () => {
  expect(withoutDrawing({ outdir: "x", fnformat: "{seed}.png", steps: 7, seamless: true, iterations: 2, grid: true, rng: "cuda" })).toEqual(
    {
      outdir: "x",
      fnformat: "{seed}.png",
    },
  );
});
