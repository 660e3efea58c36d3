import { expect, test } from "@jest/globals";
import { checkAvailable } from "../../lib/options/available.js";
import { parseLine } from "../../lib/options/read.js";
import { resolveLine } from "../../lib/options/resolve.js";
import { thrown } from "../support/thrown.js";

const resolve = (line: string) => resolveLine(parseLine(line), {}, { width: 512, height: 512 });

test.each(["a --perlin 0", "a --threshold 0.0", "a -G0", "a --no-fit"])("%s asks for nothing", (line) => {
  expect(resolve(line).notices).toEqual([]);
});

test("!fix takes what changes a finished picture", () => {
  checkAvailable(parseLine("x.png -U4 -G.8 -ft codeformer -cf .5 -save_orig -c top 64 -D left --new_prompt x"), "fix");
});

test.each([
  ["a -c top 64", "-c extends a finished picture: use it in !fix, as in !fix FILE -c SIDE PIXELS..."],
  ["a -I x.png -D left", "-D moves a finished picture: use it in !fix, as in !fix FILE -D SIDE [PIXELS]"],
  ["a --new_prompt b", "--new_prompt is the prompt of a finished picture: use it in !fix, as in !fix FILE --new_prompt TEXT"],
])("%s is refused: that is for !fix", (line, sentence) => {
  expect(thrown(() => resolve(line))).toMatchObject({ code: "usage/line", message: sentence });
});

test("a switch that changes nothing is told", () => {
  expect(resolve("a --use_mps_noise").notices).toEqual([
    ">> --use_mps_noise has no effect here: noise is the CPU generator's unless --rng cuda asks for the other",
  ]);
});
