import { expect, test } from "@jest/globals";
import { type Maker, pictureMetadata } from "../../../lib/images/metadata/metadata.js";
import type { PngText } from "../../../lib/images/metadata/png-text.js";
import { postprocessedTexts } from "../../../lib/images/metadata/postprocessed-texts.js";
import { findCommand } from "../../../lib/images/metadata/read-command.js";

const maker: Maker = { appId: "dream-repl", appVersion: "1", modelId: "crayon", modelHash: "NOHASH" };
const step = { tool: "upscale", dreamCommand: '!fix "a.png" -U 2.0 0.75', method: "lanczos3" };
const change = (texts: readonly PngText[]) => postprocessedTexts({ path: "a.png", hash: "ab12", texts }, step, maker);
const json = (texts: readonly PngText[]) => JSON.parse(texts.find(({ keyword }) => keyword === "sd-metadata")?.text ?? "") as unknown;
const settings = { prompt: "x", steps: 5, seed: 1, width: 64, height: 64, cfgScale: 7.5, sampler: "k_lms", rng: "cpu" } as const;
const ours = pictureMetadata({ ...settings, withVariations: [], seamlessAxes: "" }, maker);

test("the chain grows by a step, and every other field of the source stays", () => {
  const image = {
    ...(JSON.parse(ours) as { image: object }).image,
    unknown: [1],
    postprocessing: [{ tool: "gfpgan", dream_command: "!fix" }],
  };
  const source = { model_id: "other", also_unknown: { a: 1 }, image };
  const changed = change([{ keyword: "sd-metadata", text: JSON.stringify(source) }]);
  expect(json(changed)).toEqual({
    ...source,
    image: {
      ...image,
      postprocessing: [
        { tool: "gfpgan", dream_command: "!fix" },
        { tool: "upscale", dream_command: step.dreamCommand, method: "lanczos3" },
      ],
    },
  });
});

test("Dream holds the command, other programs' texts are carried along", () => {
  const other = { keyword: "parameters", text: "x" };
  const changed = change([{ keyword: "Dream", text: '"x" -s 5 -S 1' }, { keyword: "sd-metadata", text: ours }, other]); // biome-ignore format: short
  expect(changed.map(({ keyword }) => keyword)).toEqual(["Dream", "sd-metadata", "parameters"]);
  expect(changed[0]?.text).toBe(step.dreamCommand);
  expect(changed[2]).toEqual(other);
});

test("fetching a changed picture gives the line that drew it, and tells of the change", () => {
  const before = findCommand([{ keyword: "sd-metadata", text: ours }], "x.png");
  const after = findCommand(change([{ keyword: "sd-metadata", text: ours }]), "x.png");
  expect(after?.line).toBe(before?.line);
  expect(after?.notes).toEqual(["the picture was changed afterwards: upscale (lanczos3)"]);
});

test.each([
  [{ keyword: "Dream", text: '"a cat" -s50 -W64 -H64 -C7.5 -Ak_lms -V 7,0.2 -S5' }],
  [{ keyword: "Dream", text: "fire -s 10 -S 5 -W 64 -H 64 -C 7.5 -I in.png -A ddim -f 0.4 # model_id=sd-1.5" }],
  [{ keyword: "parameters", text: "a cat\nNegative prompt: dog\nSteps: 20, Sampler: DPM++ 2M Karras, Seed: 5, Size: 64x64, Model: sd" }],
  [{ keyword: "meta", text: '{"prompt":"a cat","seed":"5","model":"sd"}' }],
])("a source with only %j gets JSON that says the same", (text) => {
  const before = findCommand([text], "x.png");
  const [dream, metadata] = change([text]);
  expect(findCommand([dream as PngText, metadata as PngText], "x.png")).toMatchObject({
    line: before?.line,
    dialect: "sd-metadata",
    modelId: before?.modelId,
  });
});

test.each([[[]], [[{ keyword: "sd-metadata", text: "{" }]], [[{ keyword: "Dream", text: '!mask "a.png" -tm cat' }]]])(
  "of a source with %j path and hash are kept",
  (texts) => {
    const changed = change(texts);
    expect(json(changed)).toMatchObject({
      app_id: "dream-repl",
      image: { orig_path: "a.png", orig_hash: "ab12", postprocessing: [{ tool: "upscale" }] },
    });
    expect(findCommand(changed, "x.png")?.line).toBe(step.dreamCommand);
  },
);
