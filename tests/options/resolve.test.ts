import { describe, expect, test } from "@jest/globals";
import { DreamError } from "../../lib/errors.js";
import { parseLaunch, parseLine } from "../../lib/options/read.js";
import { checkLaunch, resolveLine } from "../../lib/options/resolve.js";

const model = { width: 512, height: 384 };
const resolve = (line: string, launch: readonly string[] = [], defaults = {}) =>
  resolveLine(parseLine(line), parseLaunch(launch), { ...model, ...defaults });

test("built-in values, model values, launch values, line values: the later wins", () => {
  expect(resolve("a").settings).toMatchObject({ steps: 50, cfgScale: 7.5, sampler: "k_lms", width: 512, height: 384, seed: undefined });
  expect(resolve("a", [], { steps: 20, sampler: "ddim", cfgScale: 3 }).settings).toMatchObject({ steps: 20, sampler: "ddim", cfgScale: 3 });
  expect(resolve("a", ["-s10", "-n4"], { steps: 20 })).toMatchObject({ settings: { steps: 10 }, iterations: 4 });
  expect(resolve("a -s5 -ohere", ["-s10", "-othere"])).toMatchObject({ settings: { steps: 5 }, outdir: "here" });
});

test("zero means the usual number of steps, pictures and guidance", () => {
  expect(resolve("a -s0 -n0 -C0")).toMatchObject({ settings: { steps: 50, cfgScale: 7.5 }, iterations: 1 });
});

test("sizes are rounded down to multiples of 64, and it is said", () => {
  const { settings, notices } = resolve("a -W100 -H200");
  expect(settings).toMatchObject({ width: 64, height: 192 });
  expect(notices).toEqual([">> Provided width and height must be multiples of 64. Auto-resizing to 64x192"]);
});

test("a seed that no generator takes is replaced by a random one, and it is said", () => {
  const { settings, notices } = resolve("a -S 4294967296");
  expect(settings.seed).toBeUndefined();
  expect(notices[0]).toContain("4294967296");
});

describe("out of range", () => {
  test.each([
    ["a -W0", "usage/size", "Width (-W) must be at least 64 pixels, not 0"],
    ["a -H63", "usage/size", "Height (-H) must be at least 64 pixels, not 63"],
    ["a -W-64", "usage/size", "Width (-W) must be at least 64 pixels, not -64"],
    ["a -W100000", "usage/size", "Width (-W) must be at most 8192 pixels, not 100000"],
    ["a -C1", "usage/line", "CFG_Scale (-C) must be >1.0"],
    ["a -s-3", "usage/line", "-s/--steps must be between 1 and 1000, not -3"],
    ["a -s1001", "usage/line", "-s/--steps must be between 1 and 1000, not 1001"],
    ["a -n-1", "usage/line", "-n/--iterations must be between 1 and 100000, not -1"],
    [" -s5", "usage/line", "Try again with a prompt!"],
  ])("%s", (line, code, message) => {
    try {
      resolve(line);
    } catch (error) {
      expect(error).toBeInstanceOf(DreamError);
      expect(error).toMatchObject({ code, message });
      return;
    }
    throw new Error("nothing was thrown");
  });
});

test("launch values are checked at launch", () => {
  expect(() => checkLaunch(parseLaunch(["-W0"]))).toThrow("Width (-W) must be at least 64 pixels, not 0");
  expect(() => checkLaunch(parseLaunch(["--threads", "0"]))).toThrow("--threads must be between 1 and 1024, not 0");
  checkLaunch(parseLaunch(["-W640", "--threads", "2"]));
});
