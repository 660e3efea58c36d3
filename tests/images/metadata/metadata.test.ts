import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { gridMetadata, type Maker, pictureMetadata } from "../../../lib/images/metadata/metadata.js";
import { type FoundCommand, findCommand } from "../../../lib/images/metadata/read-command.js";
import type { PictureSettings } from "../../../lib/options/picture-settings.js";
import { printDream, printGridLine } from "../../../lib/options/print-line.js";
import { parseLine } from "../../../lib/options/read.js";
import { resolveLine } from "../../../lib/options/resolve.js";
import { expandSweeps } from "../../../lib/options/sweep.js";
import { APP } from "../../../lib/version.js";

const maker: Maker = { appId: APP.id, appVersion: APP.version, modelId: "crayon", modelHash: "ab12" };
const plain: PictureSettings = {
  prompt: "a cat",
  steps: 50,
  seed: 42,
  width: 512,
  height: 512,
  cfgScale: 7.5,
  sampler: "k_lms",
  rng: "cpu",
  withVariations: [],
  seamlessAxes: "",
};

interface Written {
  readonly [key: string]: unknown;
  readonly image: { readonly [key: string]: unknown };
}
const readBack = (settings: PictureSettings) => fromJson(pictureMetadata(settings, maker, "c0ffee"))?.line;
const write = (change: Partial<PictureSettings> = {}) => JSON.parse(pictureMetadata({ ...plain, ...change }, maker)) as Written;
const fromJson = (text: string) => findCommand([{ keyword: "sd-metadata", text }], "x.png");

test("InvokeAI's fields and ours", () => {
  expect(write({ withVariations: [{ seed: 7, weight: 0.2 }], seamlessAxes: "x", karrasMax: 29 })).toEqual({
    model: "stable diffusion",
    model_id: "crayon",
    model_hash: "ab12",
    app_id: APP.id,
    app_version: APP.version,
    versions: { node: process.versions.node, onnxruntime: expect.stringMatching(/^\d+\.\d+\.\d+$/) },
    image: {
      type: "txt2img",
      prompt: [{ prompt: "a cat", weight: 1 }],
      steps: 50,
      cfg_scale: 7.5,
      threshold: 0,
      perlin: 0,
      width: 512,
      height: 512,
      seed: 42,
      sampler: "k_lms",
      hires_fix: false,
      seamless: true,
      seamless_axes: "x",
      variations: [{ seed: 7, weight: 0.2 }],
      postprocessing: null,
      init_mask: null,
      upscale: null,
      facetool: "gfpgan",
      facetool_strength: 0,
      h_symmetry_time_pct: null,
      v_symmetry_time_pct: null,
      rng: "cpu",
      karras_max: 29,
    },
  });
});

test.each([
  ["a cat", [["a cat", 1]]],
  ["a cat:1", [["a cat:1", 1]]],
  ["a cat [dog:2]", [["a cat [dog:2]", 1]]],
  ["a cat:2 dog:1", [["a cat", 2 / 3], ["dog", 1 / 3]]], // biome-ignore format: short
  ["a cat:2 dog:1 [bad]", [["a cat", 2 / 3], ["dog", 1 / 3]]], // biome-ignore format: short
])("the prompt %s", (prompt, items) => {
  const written = write({ prompt }).image.prompt as { prompt: string; weight: number }[];
  expect(written.map(({ prompt: text, weight }) => [text.replace(" [bad]", ""), weight])).toEqual(items);
  expect(fromJson(JSON.stringify(write({ prompt })))?.parsed.prompt).toBe(prompt);
});

const share = fc.option(fc.double({ min: 0, max: 1, noNaN: true, minExcluded: true }), { nil: undefined });
const passes: fc.Arbitrary<Pick<PictureSettings, "hiresFix" | "strength">> = fc.oneof(
  fc.constant({}),
  fc.record({ hiresFix: fc.constant(true as const), strength: fc.double({ min: 0, max: 1, noNaN: true }) }),
);
const drawn: fc.Arbitrary<PictureSettings> = fc.record({
  // What the prompt line lets through: control characters become blanks there.
  prompt: fc
    .oneof(
      fc.string({ unit: "grapheme", minLength: 1, maxLength: 60 }),
      fc
        .array(fc.constantFrom("a", " ", ":", "2", '"', "\\", "{", "|", "}", " # ", "model_id=x", "[1]", " -s 5 -S 5", "'", ",", ".."))
        .map((parts) => parts.join("")),
    )
    .map((text) => text.replaceAll(/[\p{Cc}\u2028\u2029]/gu, " "))
    .filter((text) => text.trim() !== ""),
  steps: fc.integer({ min: 1, max: 1000 }),
  seed: fc.integer({ min: 0, max: 0xffff_ffff }),
  width: fc.integer({ min: 1, max: 128 }).map((tiles) => tiles * 64),
  height: fc.integer({ min: 1, max: 128 }).map((tiles) => tiles * 64),
  cfgScale: fc.double({ min: 1, max: 1e20, noNaN: true, minExcluded: true }),
  karrasMax: fc.option(fc.integer({ min: 0, max: 1000 }), { nil: undefined }),
  sampler: fc.constantFrom("k_lms", "plms", "k_euler_a"),
  rng: fc.constantFrom("cpu" as const, "cuda" as const),
  seamlessAxes: fc.constantFrom("" as const, "x" as const, "y" as const, "xy" as const),
  withVariations: fc.array(
    fc.record({ seed: fc.integer({ min: 0, max: 0xffff_ffff }), weight: fc.double({ min: 0, max: 1, noNaN: true }) }),
    { maxLength: 4 },
  ),
  perlin: share,
  threshold: fc.option(fc.double({ min: 0, max: 1e20, noNaN: true, minExcluded: true }), { nil: undefined }),
  initColor: fc.option(fc.constantFrom("c.png", "a b/c.png"), { nil: undefined }),
  hSymmetryTimePct: share,
  vSymmetryTimePct: share,
});
const settings = fc.tuple(drawn, passes).map(([picture, twice]): PictureSettings => ({ ...picture, ...twice }));
const models = fc.stringMatching(/^[\w./ -]{0,12}\w$/);

test("each of both texts alone gives back the recorded line", () => {
  fc.assert(
    fc.property(settings, models, (picture, modelId) => {
      const dream = printDream(picture, modelId);
      const json = pictureMetadata(picture, { ...maker, modelId });
      for (const text of [
        { keyword: "Dream", text: dream },
        { keyword: "sd-metadata", text: json },
      ]) {
        expect(findCommand([text], "x.png")).toMatchObject({
          line: dream,
          parsed: { prompt: picture.prompt, seed: picture.seed },
          modelId,
          notes: [],
        });
      }
    }),
    { numRuns: 500 },
  );
});

test("the values of a found command are those of its line", () => {
  fc.assert(
    fc.property(settings, (picture) => {
      const found = findCommand([{ keyword: "Dream", text: printDream(picture, "crayon") }], "x.png") as FoundCommand;
      const { lines } = expandSweeps(found.line);
      const size = { width: 512, height: 512 };
      expect(resolveLine(found.parsed, {}, size)).toEqual(resolveLine(parseLine(lines[0]?.line ?? ""), {}, size));
      expect(resolveLine(found.parsed, {}, size).settings).toEqual(picture);
    }),
  );
});

test("a grid gives back the line of its series, from each of both texts", () => {
  const seeds = [2685670268, 1216708065];
  const pictures = seeds.map((seed) => ({ ...plain, seed }));
  const line = printGridLine(pictures[0] as PictureSettings, "crayon", seeds.length);
  const dream = `${line} # [${seeds.join(", ")}]`;
  const found = fromJson(gridMetadata(pictures, maker, line));
  expect(found).toMatchObject({ notes: [] });
  expect(`${found?.line} # [${seeds.join(", ")}]`).toBe(dream);
  expect(findCommand([{ keyword: "Dream", text: dream }], "x.png")?.line).toBe(found?.line);
});

test("a contact sheet gives back the line of its sweep as it was typed", () => {
  const command = "a {red|green} cat -C{5,7.5} -g -S 42 # model_id=crayon";
  const texts = [
    { keyword: "Dream", text: command },
    { keyword: "sd-metadata", text: gridMetadata([plain, { ...plain, cfgScale: 5 }], maker, command) },
  ];
  expect(findCommand(texts, "x.png")).toMatchObject({ line: command, notes: [] });
});

test.each([
  ["other", "a -n2 -g"],
  [maker.appId, "!del_model crayon"],
  [maker.appId, "q"],
])("what %s calls a command is no line of a sheet: %s", (program, command) => {
  const json = { app_id: program, command, images: [{ prompt: "b", seed: 1 }] };
  expect(fromJson(JSON.stringify(json))?.line).toMatch(/^"b" /);
});

test("a picture that begins with another one names it, its hash, and what was done with it", () => {
  const begun = { ...plain, initImg: "in/x.png", fit: true, strength: 0.6 };
  const { image } = JSON.parse(pictureMetadata(begun, maker, "c0ffee")) as Written;
  expect(image).toMatchObject({
    type: "img2img",
    init_img: "in/x.png",
    orig_hash: "c0ffee",
    fit: true,
    strength_steps: 0.6,
    inpaint_replace: 0,
  });
  expect(readBack(begun)).toBe(printDream(begun, "crayon"));
  const untouched = { ...begun, fit: false, strength: 0 };
  expect(readBack(untouched)).toBe(printDream(untouched, "crayon"));
  expect(Object.keys(write().image)).not.toContain("strength_steps");
});

test.each<Partial<PictureSettings>>([{ skipNormalize: true }, { longPrompts: true }, { clipSkip: 2 }])("%j comes back", (change) => {
  const { settings } = resolveLine(parseLine(readBack({ ...plain, ...change }) ?? ""), {}, { width: 512, height: 512 });
  expect(settings).toMatchObject(change);
});

test("a prompt that is read as usual says nothing about it", () => {
  const { image } = write();
  expect(Object.keys(image)).not.toEqual(expect.arrayContaining([expect.stringMatching(/^(skip_normalize|long_prompts|clip_skip)$/)]));
});
