import { expect, test } from "@jest/globals";
import { checkAvailable } from "../../lib/options/available.js";
import { parseLine } from "../../lib/options/read.js";
import { resolveLine } from "../../lib/options/resolve.js";
import { thrown } from "../support/thrown.js";

const resolve = (line: string) => resolveLine(parseLine(line), {}, { width: 512, height: 512 });

test.each([["a -U2 -c top 64", "extending pictures outside !fix; leave out -c"]])("%s waits for its feature", (line, sentence) => {
  const error = { code: "usage/not-available", message: `not available yet: ${sentence}` };
  expect(thrown(() => resolve(line))).toMatchObject(error);
});

test.each(["a --perlin 0", "a --threshold 0.0", "a -G0", "a --no-fit"])("%s asks for nothing", (line) => {
  expect(resolve(line).notices).toEqual([]);
});

test("!fix enlarges, mends faces and extends already, a prompt line does not", () => {
  checkAvailable(parseLine("x.png -U4 -G.8 -ft codeformer -cf .5 -save_orig -c top 64 -D left --new_prompt x"), "fix");
  expect(() => checkAvailable(parseLine("x.png -c top 64"), "line")).toThrow(
    "not available yet: extending pictures outside !fix; leave out -c",
  );
});

test("a switch that changes nothing is told", () => {
  expect(resolve("a --use_mps_noise").notices).toEqual([
    ">> --use_mps_noise has no effect here: noise is the CPU generator's unless --rng cuda asks for the other",
  ]);
});
