import { expect, test } from "@jest/globals";
import { printLine } from "../../lib/options/print-line.js";
import { parseLine } from "../../lib/options/read.js";
import { resolveLine } from "../../lib/options/resolve.js";

const resolve = (line: string) => resolveLine(parseLine(line), {}, { width: 512, height: 512 });

test.each([
  ["-M m.png", { initMask: "m.png" }],
  ["--mask=m.png --invert_mask", { initMask: "m.png", invertMask: true }],
  ["-tm hat", { textMask: ["hat", "0.5"] }],
  ["-tm 'a red hat' .25 --invert_mask", { textMask: ["a red hat", "0.25"], invertMask: true }],
  ["-r.3", { inpaintReplace: 0.3 }],
  ["--tile_size 32", { infillMethod: "tile" }],
  ["--tile_size 16", { infillMethod: "tile", tileSize: 16 }],
  ["--infill_method solid --force_outpaint", { infillMethod: "solid", forceOutpaint: true }],
  ["--seam_size 96 --seam_blur 16 --seam_strength .5 --seam_steps 20", { seamSize: 96, seamBlur: 16, seamStrength: 0.5, seamSteps: 20 }],
  ["--seam_size 96 --seam_blur 0 --seam_strength .7 --seam_steps 10 -r 0", { seamSize: 96 }],
])("%s beside -I", (switches, expected) => {
  const { settings, notices } = resolve(`a -I x.png ${switches}`);
  expect(settings).toMatchObject(expected);
  expect(notices).toEqual([]);
});

test("the line is recorded in the reference's order", () => {
  const { settings } = resolve("a -Ix.png -S1 -Mm.png --invert_mask -r.5 --seam_size 9");
  expect(printLine(settings)).toMatch(/ -I x\.png -A k_lms -M m\.png -f 0\.75 -r 0\.5 --invert_mask --seam_size 9$/);
});

test.each([
  ["-M m.png", "-M changes nothing without an initial picture (-I)"],
  ["-tm hat", "-tm changes nothing without an initial picture (-I)"],
  ["--invert_mask", "--invert_mask changes nothing without an initial picture (-I)"],
  ["-I x.png --seam_blur 9", "--seam_blur changes nothing without --seam_size"],
  ["-I x.png --tile_size 9 --infill_method solid", "--tile_size changes nothing without --infill_method tile"],
])("%s is told to change nothing, and is not recorded", (switches, sentence) => {
  const { settings, notices } = resolve(`a ${switches}`);
  expect(notices).toEqual([`>> ${sentence}`]);
  expect(printLine(settings)).not.toMatch(/ (-M|--(invert|seam|tile))/);
});

test("a mask of a file goes before one of a text", () => {
  const { settings, notices } = resolve("a -I x.png -M m.png -tm hat");
  expect(notices).toEqual([">> -tm changes nothing beside a mask (-M)"]);
  expect(printLine(settings)).toMatch(/ -M m\.png -f 0\.75$/);
});

test.each([
  ["-tm ''", /needs a text that names what is painted/],
  ["-tm ' '", /needs a text/],
  ["-tm hat nan", /takes a threshold from 0 to 1, not "nan"/],
  ["-tm hat inf", /not "inf"/],
  ["-tm hat 1.5", /not "1\.5"/],
  ["-tm hat -0.1", /not "-0\.1"/],
  ["-tm red hat", /not "hat"; put a text of several words in quotation marks$/],
  ["-tm a red hat", /takes at most 2 values, not 3/],
  [`-tm ${"x".repeat(1001)}`, /takes at most 1000 characters, not 1001/],
])("%s is refused", (switches, sentence) => {
  expect(() => resolve(`a -Ix.png ${switches}`)).toThrow(sentence);
});

test("-r out of range", () => {
  expect(() => resolve("a -Ix.png -r 2")).toThrow("inpaint_replace must be between 0.0 and 1.0");
});
