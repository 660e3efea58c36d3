import { describe, expect, test } from "@jest/globals";
import { DreamError } from "../../lib/errors.js";
import { parseLaunch, parseLine } from "../../lib/options/read.js";
import { resolveLine } from "../../lib/options/resolve.js";

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
  for (const seed of ["4294967296", "100000000000000000000"]) {
    const { settings, notices } = resolve(`a -S ${seed}`);
    expect(settings.seed).toBeUndefined();
    expect(notices[0]).toContain(seed);
  }
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
    ["a --threshold -1", "usage/line", "--threshold must be >=0.0"],
    ["a --perlin 1.5", "usage/line", "--perlin must be in [0.0, 1.0]"],
    ["a -f 1.5", "usage/line", "img2img and inpaint strength can only work with 0.0 < strength < 1.0"],
    ["a -f -.5", "usage/line", "img2img and inpaint strength can only work with 0.0 < strength < 1.0"],
    ["a -v 2", "usage/line", "-v --variation_amount must be in [0.0, 1.0]"],
    ["a -r -1", "usage/line", "inpaint_replace must be between 0.0 and 1.0"],
    ["a --embiggen 2", "usage/line", "Embiggen requires an init/input image to be specified"],
    ["a -embiggen_tiles 1 2", "usage/line", "Embiggen requires an init/input image to be specified"],
    ["a -V 1:.5", "usage/line", "seed must be specified when using with_variations"],
    ["a -S 4294967296 -V 1:.5", "usage/line", "seed must be specified when using with_variations"],
    [
      "a -S1 -V 1:.5 -n2",
      "usage/line",
      "when using --with_variations, multiple iterations are only possible when using --variation_amount",
    ],
    ["a -S1 -V 1:.5,2:1.5", "usage/line", "variation weights must be in [0.0, 1.0]: got [0.5, 1.5]"],
    ["a --seamless_axes z", "usage/line", '--seamless_axes must be x, y or xy, not "z"'],
    ["a --seamless_axes ''", "usage/line", '--seamless_axes must be x, y or xy, not ""'],
    ["a -U 2 .5 3", "usage/line", "-U/--upscale takes at most 2 values, not 3"],
    ["a --save_intermediates -1", "usage/line", "--save_intermediates must be between 0 and 1000, not -1"],
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

test("the settings of a series", () => {
  expect(resolve("a")).toMatchObject({
    grid: false,
    variationAmount: 0,
    fnformat: undefined,
    promptAsDir: false,
    pngCompression: 6,
    saveIntermediates: 0,
    settings: { seamlessAxes: "", withVariations: [] },
  });
  expect(resolve("a -v.2 -g -z9 --save_intermediates 5 --fnformat {seed}", ["-p", "-z0", "--fnformat", "x"])).toMatchObject({
    grid: true,
    variationAmount: 0.2,
    fnformat: "{seed}",
    promptAsDir: true,
    pngCompression: 9,
    saveIntermediates: 5,
  });
  expect(resolve("a", ["-z0", "--fnformat", "x"])).toMatchObject({ pngCompression: 0, fnformat: "x" });
});

test.each([
  ["a", [], false],
  ["a -g", [], true],
  ["a", ["-g"], true],
  ["a --no-grid", ["-g"], false],
  ["a -i", ["-g"], false],
  ["a -g -i", [], false],
  ["a -g", ["--no-grid"], true],
])("grid of %s after %p: %p", (line, launch, grid) => {
  expect(resolve(line, launch).grid).toBe(grid);
});

test.each([
  ["a", [], ""],
  ["a --seamless", [], "xy"],
  ["a", ["--seamless"], "xy"],
  ["a --no-seamless", ["--seamless"], ""],
  ["a --seamless --seamless_axes x", [], "x"],
  ["a --seamless_axes=y", [], "y"],
  ["a --seamless_axes x,y", [], "xy"],
  ["a --seamless_axes yx", ["--seamless"], "xy"],
  ["a --no-seamless --seamless_axes x", [], ""],
])("axes of %s after %p: %p", (line, launch, axes) => {
  expect(resolve(line, launch).settings.seamlessAxes).toBe(axes);
});

test("-V is one picture, whatever number was given at launch; -v makes more of it", () => {
  const withVariations = [
    { seed: 3, weight: 0.1 },
    { seed: 4, weight: 1 },
  ];
  expect(resolve("a -S5 -V 3:.1,4:1", ["-n4"])).toMatchObject({ iterations: 1, settings: { withVariations } });
  expect(resolve("a -S5 -V3,.1,4,1 -v.2", ["-n4"])).toMatchObject({ iterations: 4, settings: { withVariations } });
});
