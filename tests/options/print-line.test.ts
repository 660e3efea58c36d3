import { expect, test } from "@jest/globals";
import fc from "fast-check";
import type { RegionSettings } from "../../lib/options/painted-region.js";
import type { PictureSettings } from "../../lib/options/picture-settings.js";
import { printDream, printGridLine, printLine } from "../../lib/options/print-line.js";
import { parseLine } from "../../lib/options/read.js";
import { resolveLine } from "../../lib/options/resolve.js";
import { expandSweeps } from "../../lib/options/sweep.js";
import { textMaskWords } from "../../lib/options/text-mask.js";
import { SAMPLER_NAMES } from "../../lib/samplers/names.js";

const plain: PictureSettings = {
  prompt: "a cat, oil painting",
  steps: 50,
  seed: 42,
  width: 512,
  height: 512,
  cfgScale: 7.5,
  seamlessAxes: "",
  sampler: "k_lms",
  rng: "cpu",
  withVariations: [],
};

test("the dream string is the reference's, with the prompt in quotes", () => {
  expect(printDream(plain, "tiny")).toBe('"a cat, oil painting" -s 50 -S 42 -W 512 -H 512 -C 7.5 -A k_lms # model_id=tiny');
});

test("values that differ from the built-in ones are recorded", () => {
  expect(printLine({ ...plain, cfgScale: 10, karrasMax: 29, rng: "cuda" })).toBe(
    '"a cat, oil painting" -s 50 -S 42 -W 512 -H 512 -C 10.0 --karras_max 29 -A k_lms --rng cuda',
  );
});

test("tiling and variations are recorded", () => {
  const withVariations = [
    { seed: 784039624, weight: 0.2 },
    { seed: 1, weight: 1 },
  ];
  expect(printLine({ ...plain, seamlessAxes: "xy", withVariations })).toBe(
    '"a cat, oil painting" -s 50 -S 42 -W 512 -H 512 -C 7.5 --seamless -A k_lms -V 784039624:0.2,1:1.0',
  );
  expect(printLine({ ...plain, seamlessAxes: "y" })).toContain(" --seamless --seamless_axes y -A k_lms");
});

test("an initial picture stands before the sampler, what is done with it behind", () => {
  const begun = { ...plain, initImg: "x.png", fit: false, strength: 0.75 };
  expect(printLine(begun)).toBe('"a cat, oil painting" -s 50 -S 42 -W 512 -H 512 -C 7.5 -I x.png -A k_lms -f 0.75');
  expect(printLine({ ...begun, fit: true, strength: 0 })).toMatch(/ -I x\.png -A k_lms --fit -f 0\.0$/);
  expect(printLine({ ...begun, initImg: "my file.png" })).toContain(' -I "my file.png" -A ');
  expect(printLine({ ...begun, initImg: "-1.png" })).toContain(' -I="-1.png" -A ');
});

test("restored faces stand between the sampler and the enlargement, with the fidelity of codeformer alone", () => {
  const upscale = [2, 0.75] as const;
  expect(printLine({ ...plain, facetoolStrength: 0.8, facetool: "gfpgan", upscale })).toMatch(
    / -A k_lms -G 0\.8 -ft gfpgan -U 2\.0 0\.75$/,
  );
  expect(printLine({ ...plain, facetoolStrength: 1, facetool: "codeformer", codeformerFidelity: 0.75 })).toMatch(
    / -G 1\.0 -ft codeformer -cf 0\.75$/,
  );
});

test("options for noise and steps stand where the reference puts them", () => {
  const options = { perlin: 0.1, threshold: 5, hiresFix: true, strength: 0.6, hSymmetryTimePct: 0.3, vSymmetryTimePct: 1 } as const;
  expect(printLine({ ...plain, ...options, seamlessAxes: "xy" })).toBe(
    '"a cat, oil painting" -s 50 -S 42 -W 512 -H 512 -C 7.5 --perlin 0.1 --threshold 5.0 --seamless --hires_fix ' +
      "--h_symmetry_time_pct 0.3 --v_symmetry_time_pct 1.0 -A k_lms -f 0.6",
  );
});

test("braces are escaped when they would be a group", () => {
  expect(printLine({ ...plain, prompt: "a {red|green} {cat} \\{a|b}" })).toMatch(/^"a \\\{red\|green\\\} \\\{cat\\\} \\\\\\\{a\|b\\\}" -s/);
  expect(printLine({ ...plain, prompt: "a {cat}, {x, y}" })).toMatch(/^"a \{cat\}, \{x, y\}" -s/);
});

test("a grid is recorded with the number of its pictures", () => {
  expect(printGridLine(plain, "tiny", 2)).toBe(
    '"a cat, oil painting" -s 50 -S 42 -W 512 -H 512 -C 7.5 --grid -A k_lms -n 2 # model_id=tiny',
  );
});

/** Text of all kinds, and text that is made of what means something to a reader. */
const prompts = fc
  .oneof(
    fc.string({ unit: "binary", minLength: 1, maxLength: 60 }),
    fc.string({ unit: fc.constantFrom(..."{}|\\\"'#-,. ab$`", " -n2", "{a|b}", "\\{", "--", "!dream "), minLength: 1, maxLength: 30 }),
  )
  .filter((text) => text.trim() !== "");

/** As the session reads a line. */
function readBack(line: string) {
  const { axes, lines } = expandSweeps(line);
  expect(axes).toEqual([]);
  return parseLine(lines[0]!.line);
}

/** Some pictures begin with another one, some are drawn in two passes. The home folder's mark is expanded when a line is read. */
const inits: fc.Arbitrary<Pick<PictureSettings, "initImg" | "fit" | "strength" | "hiresFix">> = fc.oneof(
  fc.constant({}),
  fc.record({ hiresFix: fc.constant(true as const), strength: fc.double({ min: 0, max: 1, noNaN: true }) }),
  fc.record({
    initImg: fc
      .string({ unit: fc.constantFrom(..."ab/.-{}\\\"'# $\u00e9", "1", " -n2", "--fit"), minLength: 1, maxLength: 12 })
      .filter((path) => !/^~(\/|$)/.test(path)),
    fit: fc.boolean(),
    strength: fc.double({ min: 0, max: 1, noNaN: true }),
  }),
);

/** What is as built in is not recorded, and nothing about tiles or a seam where there are none. */
const regions: fc.Arbitrary<RegionSettings> = fc
  .record(
    {
      masks: fc.oneof(
        fc.record({ initMask: fc.stringMatching(/^[ab/. -]{1,6}$/).filter((path) => path.trim() !== "") }),
        fc
          .tuple(
            fc
              .string({ unit: fc.constantFrom(..."ab{}|\\\"'# .5\u00e9", " -n2"), minLength: 1, maxLength: 8 })
              .filter((text) => text.trim() !== ""),
            fc.double({ min: 0, max: 1, noNaN: true }),
          )
          .map(([text, threshold]) => ({ textMask: textMaskWords({ text, threshold }) as string[] })),
      ),
      invertMask: fc.constant(true),
      inpaintReplace: fc.double({ min: 0, max: 1, noNaN: true, minExcluded: true }),
      forceOutpaint: fc.constant(true),
      tiles: fc.oneof(
        fc.constant({ infillMethod: "patchmatch" as const }),
        fc.integer({ min: 33, max: 8192 }).map((tileSize) => ({ infillMethod: "tile" as const, tileSize })),
      ),
      seam: fc.record(
        {
          seamSize: fc.integer({ min: 1, max: 8192 }),
          seamBlur: fc.integer({ min: 1, max: 8192 }),
          seamSteps: fc.integer({ min: 11, max: 1000 }),
        },
        { requiredKeys: ["seamSize"] },
      ),
    },
    { requiredKeys: [] },
  )
  .map(({ masks, tiles, seam, ...others }) => ({ ...others, ...masks, ...tiles, ...seam }));

const drawn: fc.Arbitrary<PictureSettings> = fc.record({
  prompt: prompts,
  steps: fc.integer({ min: 1, max: 1000 }),
  seed: fc.integer({ min: 0, max: 0xffff_ffff }),
  width: fc.integer({ min: 1, max: 128 }).map((tiles) => tiles * 64),
  height: fc.integer({ min: 1, max: 128 }).map((tiles) => tiles * 64),
  cfgScale: fc.double({ min: 1, max: 1e20, noNaN: true, minExcluded: true }),
  karrasMax: fc.option(fc.integer({ min: 0, max: 1000 }), { nil: undefined }),
  seamlessAxes: fc.constantFrom("" as const, "x" as const, "y" as const, "xy" as const),
  sampler: fc.constantFrom(...SAMPLER_NAMES),
  rng: fc.constantFrom("cpu" as const, "cuda" as const),
  withVariations: fc.array(
    fc.record({ seed: fc.integer({ min: 0, max: 0xffff_ffff }), weight: fc.double({ min: 0, max: 1, noNaN: true }) }),
    { maxLength: 4 },
  ),
});
const share = fc.option(fc.double({ min: 0, max: 1, noNaN: true, minExcluded: true }), { nil: undefined });
const noiseAndSteps: fc.Arbitrary<Partial<PictureSettings>> = fc.record({
  perlin: share,
  threshold: fc.option(fc.double({ min: 0, max: 1e20, noNaN: true, minExcluded: true }), { nil: undefined }),
  initColor: fc.option(fc.constantFrom("c.png", 'a b/"c".png', "-1.png", "{a,b}.jpg"), { nil: undefined }),
  hSymmetryTimePct: share,
  vSymmetryTimePct: share,
});
const flag = fc.option(fc.constant(true as const), { nil: undefined });
const readings = fc.record({
  skipNormalize: flag,
  longPrompts: flag,
  clipSkip: fc.option(fc.integer({ min: 2, max: 12 }), { nil: undefined }),
});
const facetoolStrength = fc.double({ min: 0, max: 1, noNaN: true, minExcluded: true });
const faces: fc.Arbitrary<Partial<PictureSettings>> = fc.oneof(
  fc.constant({}),
  fc.record({ facetoolStrength, facetool: fc.constant("gfpgan" as const) }),
  fc.record({
    facetoolStrength,
    facetool: fc.constant("codeformer" as const),
    codeformerFidelity: fc.double({ min: 0, max: 1, noNaN: true }),
  }),
);
/** What is drawn in tiles has nothing that is for whole pictures. */
const tiles = fc
  .record({
    embiggen: fc.tuple(
      fc.double({ min: 0, max: 64, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 0, max: 8192, noNaN: true }),
    ),
    embiggenTiles: fc.option(fc.array(fc.integer({ min: 1, max: 1024 }), { minLength: 1, maxLength: 4 }), { nil: undefined }),
  })
  .map((tiled) => ({ ...tiled, seamlessAxes: "" as const, hSymmetryTimePct: undefined, vSymmetryTimePct: undefined, fit: false }));
const settings = fc
  .tuple(drawn, inits, regions, noiseAndSteps, readings, faces, fc.option(tiles))
  .map(([picture, init, region, options, reading, mended, tiled]): PictureSettings => {
    const whole = { ...picture, ...init, ...options, ...reading, ...mended };
    if (init.initImg === undefined) return whole;
    return tiled === null ? { ...whole, ...region } : { ...whole, ...tiled };
  });

test("reading a dream string back gives the same picture", () => {
  fc.assert(
    fc.property(settings, fc.stringMatching(/^[\w.-]{1,12}$/), (picture, model) => {
      const { settings: read } = resolveLine(readBack(printDream(picture, model)), {}, { width: 512, height: 512 });
      expect(read).toEqual(picture);
    }),
    { numRuns: 300 },
  );
});

test("tricky prompts survive the round trip", () => {
  for (const prompt of [
    '"',
    "\\",
    '\\"',
    "a -W 3",
    "# x",
    "!dream",
    "it's",
    " padded ",
    "-s",
    "$HOME `id`",
    "é 猫 🐈",
    "tab\there",
    "{a|b}",
    "\\{a|b}",
    "{",
  ]) {
    expect(readBack(printLine({ ...plain, prompt })).prompt).toBe(prompt);
  }
});

const series = fc.record({
  grid: fc.boolean(),
  iterations: fc.integer({ min: 1, max: 1000 }),
  variationAmount: fc.double({ min: 0, max: 1, noNaN: true }),
  variationSeed: fc.option(fc.integer({ min: 0, max: 0xffff_ffff }), { nil: undefined }),
});

test("reading the line of a series back gives the same series", () => {
  fc.assert(
    fc.property(settings, series, (picture, several) => {
      // Variations alone fix the noise: then there is one picture.
      const told = picture.withVariations.length > 0 && several.variationAmount === 0 ? { ...several, iterations: 1 } : several;
      const { settings: read, ...rest } = resolveLine(readBack(printLine(picture, told)), {}, { width: 512, height: 512 });
      expect(read).toEqual(picture);
      expect(rest).toMatchObject(told);
    }),
    { numRuns: 200 },
  );
});
