import { expect, test } from "@jest/globals";
import { parseLaunch, parseLine } from "../../lib/options/read.js";
import { resolveLine } from "../../lib/options/resolve.js";
import { announceSweep, expandSweeps } from "../../lib/options/sweep.js";

const resolve = (line: string, launch: readonly string[] = []) =>
  resolveLine(parseLine(line), parseLaunch(launch), { width: 512, height: 512 });

test.each([
  ["a --perlin .3", { perlin: 0.3 }],
  ["a --threshold 5", { threshold: 5 }],
  ["a --h_symmetry_time_pct 1 --v_sym .25", { hSymmetryTimePct: 1, vSymmetryTimePct: 0.25 }],
  ["a --perlin 0 --threshold 0 --h_sym 0 --v_sym 0", { perlin: undefined, threshold: undefined, hSymmetryTimePct: undefined }],
])("%s", (line, expected) => {
  const { settings, notices } = resolve(line);
  expect(settings).toMatchObject(expected);
  expect(notices).toEqual([]);
});

test("two passes run the usual share of the steps in the second, that of the line or that of the launch", () => {
  expect(resolve("a --hires_fix").settings).toMatchObject({ hiresFix: true, strength: 0.75 });
  expect(resolve("a --hires_fix", ["-f", ".5"]).settings).toMatchObject({ hiresFix: true, strength: 0.5 });
  expect(resolve("a --hires_fix -f0", ["-f", ".5"])).toMatchObject({ settings: { hiresFix: true, strength: 0 }, notices: [] });
});

test("an initial picture is left out of two passes, and it is said", () => {
  const { settings, notices } = resolve("a --hires_fix -I x.png --fit");
  expect(settings.initImg).toBeUndefined();
  expect(notices).toEqual([">> --hires_fix begins with a picture of its own: the initial picture (-I) is left out"]);
});

test("all of them can be swept, off included", () => {
  const sweep = expandSweeps("a --perlin {0,.1} --threshold {0..10..5} --h_symmetry_time_pct {0,.5}");
  expect(announceSweep(sweep)).toBe(">> 12 pictures: 2 × --perlin, 3 × --threshold, 2 × --h_symmetry_time_pct");
  const last = sweep.lines.at(-1)?.line ?? "";
  expect(resolve(last).settings).toMatchObject({ perlin: 0.1, threshold: 10, hSymmetryTimePct: 0.5 });
});
