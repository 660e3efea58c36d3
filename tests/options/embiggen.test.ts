import { expect, test } from "@jest/globals";
import { parseLine } from "../../lib/options/read.js";
import { resolveLine } from "../../lib/options/resolve.js";
import type { LaunchValues } from "../../lib/options/table.js";
import { thrown } from "../support/thrown.js";

const resolve = (line: string, launch: LaunchValues = {}) => resolveLine(parseLine(line), launch, { width: 512, height: 512 });
const QUIET = " --embiggen_strength 0.4";

test.each([
  ["a -I x.png --embiggen 2.5", [2.5, 0.75, 0.25], undefined],
  ["a -I x.png -embiggen 2 0.5", [2, 0.5, 0.25], undefined],
  ["a -I x.png -embiggen 2 0 64", [2, 0, 64], undefined],
  ["a -I x.png -embiggen_tiles 3 1", [1, 0.75, 0.25], [3, 1]],
  ["a -I x.png --embiggen 3 --embiggen_tiles 2", [3, 0.75, 0.25], [2]],
  ["a -I x.png", undefined, undefined],
])("%s asks for %j, tiles %j", (line, embiggen, tiles) => {
  const { settings, notices } = resolve(embiggen === undefined ? line : line + QUIET);
  expect([settings.embiggen, settings.embiggenTiles]).toEqual([embiggen, tiles]);
  expect(notices).toEqual([]);
});

test.each([
  ["--embiggen -2", [1, 0.75, 0.25], ">> Embiggen scaling factor cannot be negative, fell back to the default of 1.0 !"],
  [
    "--embiggen 2 1.5",
    [2, 0.75, 0.25],
    ">> Embiggen upscaling strength for ESRGAN must be between 0 and 1, fell back to the default of 0.75 !",
  ],
  [
    "--embiggen 2 -1",
    [2, 0.75, 0.25],
    ">> Embiggen upscaling strength for ESRGAN must be between 0 and 1, fell back to the default of 0.75 !",
  ],
  [
    "--embiggen 2 1 -3",
    [2, 1, 0.25],
    ">> Overlap size for Embiggen must be a positive ratio between 0 and 1 OR a number of pixels, fell back to the default of 0.25 !",
  ],
])("%s becomes %j, and that is said", (switches, embiggen, said) => {
  const { settings, notices } = resolve(`a -I x.png ${switches}${QUIET}`);
  expect(settings.embiggen).toEqual(embiggen);
  expect(notices).toEqual([said]);
});

test.each([
  ["", {}, 0.4, [">> Setting img2img strength to 0.4 for happy embiggening"]],
  [" -f 0.35", {}, 0.35, []],
  ["", { strength: 0.3 }, 0.3, []],
  [" -f 0.3 -embiggen_strength 0.2", {}, 0.2, []],
  [
    " -f 0.75",
    {},
    0.75,
    ["* WARNING: Embiggen may produce mirror motifs if the strength (-f) is too high (currently 0.75). Try values between 0.35-0.45."],
  ],
])("the strength of a tile of --embiggen 2%s at launch %j is %d", (switches, launch, strength, said) => {
  const { settings, notices } = resolve(`a -I x.png --embiggen 2${switches}`, launch);
  expect(settings.strength).toBe(strength);
  expect(notices).toEqual(said);
});

test("what is for whole pictures alone is left out, and said", () => {
  const { settings, notices } = resolve(`a -I x.png -M m.png --fit --seamless --h_symmetry_time_pct 0.5 --embiggen 2${QUIET}`);
  expect([settings.initMask, settings.fit, settings.seamlessAxes, settings.hSymmetryTimePct]).toEqual([undefined, false, "", undefined]);
  expect(notices).toEqual([
    ">> Embiggen draws the whole picture again, tile by tile: --seamless, --h_symmetry_time_pct, --fit, -M changes nothing",
  ]);
});

test("--hires_fix goes first, and a strength alone asks for nothing", () => {
  const { settings, notices } = resolve("a -I x.png --embiggen 2 --hires_fix");
  expect(settings.embiggen).toBeUndefined();
  expect(notices).toContain(">> --hires_fix begins with a picture of its own: Embiggen is left out");
  expect(resolve("a -I x.png --embiggen_strength 0.4").notices).toEqual([">> --embiggen_strength changes nothing without --embiggen"]);
});

test.each([
  ["a --embiggen 2", "Embiggen requires an init/input image to be specified"],
  ["a -I x.png --embiggen 2 1 1 1", "--embiggen/-embiggen takes at most 3 values, not 4"],
  ["a -I x.png --embiggen 2 --embiggen_strength 2", "--embiggen_strength/-embiggen_strength must be between 0 and 1, not 2"],
])("%s is refused", (line, sentence) => {
  expect(thrown(() => resolve(line))).toMatchObject({ code: "usage/line", message: sentence });
});
