import { expect, test } from "@jest/globals";
import { printLine } from "../../lib/options/print-line.js";
import { parseLine } from "../../lib/options/read.js";
import { resolveLine } from "../../lib/options/resolve.js";

const resolve = (line: string) => resolveLine(parseLine(line), {}, { width: 512, height: 512 });

test.each([
  ["-M m.png", { initMask: "m.png" }],
  ["--mask=m.png --invert_mask", { initMask: "m.png", invertMask: true }],
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
  ["--invert_mask", "--invert_mask changes nothing without an initial picture (-I)"],
  ["-I x.png --seam_blur 9", "--seam_blur changes nothing without --seam_size"],
  ["-I x.png --tile_size 9 --infill_method solid", "--tile_size changes nothing without --infill_method tile"],
])("%s is told to change nothing, and is not recorded", (switches, sentence) => {
  const { settings, notices } = resolve(`a ${switches}`);
  expect(notices).toEqual([`>> ${sentence}`]);
  expect(printLine(settings)).not.toMatch(/ (-M|--(invert|seam|tile))/);
});

test("-r out of range", () => {
  expect(() => resolve("a -Ix.png -r 2")).toThrow("inpaint_replace must be between 0.0 and 1.0");
});
