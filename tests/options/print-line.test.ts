import { expect, test } from "@jest/globals";
import fc from "fast-check";
import type { PictureSettings } from "../../lib/options/picture-settings.js";
import { printDream, printLine } from "../../lib/options/print-line.js";
import { parseLine } from "../../lib/options/read.js";
import { resolveLine } from "../../lib/options/resolve.js";

const plain: PictureSettings = {
  prompt: "a cat, oil painting",
  steps: 50,
  seed: 42,
  width: 512,
  height: 512,
  cfgScale: 7.5,
  sampler: "k_lms",
  rng: "cpu",
};

test("the dream string is the reference's, with the prompt in quotes", () => {
  expect(printDream(plain, "tiny")).toBe('"a cat, oil painting" -s 50 -S 42 -W 512 -H 512 -C 7.5 -A k_lms # model_id=tiny');
});

test("values that differ from the built-in ones are recorded", () => {
  expect(printLine({ ...plain, cfgScale: 10, karrasMax: 29, rng: "cuda" })).toBe(
    '"a cat, oil painting" -s 50 -S 42 -W 512 -H 512 -C 10.0 --karras_max 29 -A k_lms --rng cuda',
  );
});

const settings: fc.Arbitrary<PictureSettings> = fc.record({
  prompt: fc.string({ unit: "binary", minLength: 1, maxLength: 60 }).filter((text) => text.trim() !== ""),
  steps: fc.integer({ min: 1, max: 1000 }),
  seed: fc.integer({ min: 0, max: 0xffff_ffff }),
  width: fc.integer({ min: 1, max: 128 }).map((tiles) => tiles * 64),
  height: fc.integer({ min: 1, max: 128 }).map((tiles) => tiles * 64),
  cfgScale: fc.double({ min: 1, max: 1e20, noNaN: true, minExcluded: true }),
  karrasMax: fc.option(fc.integer({ min: 0, max: 1000 }), { nil: undefined }),
  sampler: fc.constantFrom("k_lms", "plms", "k_euler_a"),
  rng: fc.constantFrom("cpu" as const, "cuda" as const),
});

test("reading a dream string back gives the same picture", () => {
  fc.assert(
    fc.property(settings, fc.stringMatching(/^[\w.-]{1,12}$/), (picture, model) => {
      const { settings: read } = resolveLine(parseLine(printDream(picture, model)), {}, { width: 512, height: 512 });
      expect(read).toEqual(picture);
    }),
    { numRuns: 200 },
  );
});

test("tricky prompts survive the round trip", () => {
  for (const prompt of ['"', "\\", '\\"', "a -W 3", "# x", "!dream", "it's", " padded ", "-s", "$HOME `id`", "é 猫 🐈", "tab\there"]) {
    expect(parseLine(printLine({ ...plain, prompt })).prompt).toBe(prompt);
  }
});
