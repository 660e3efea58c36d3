import { cpSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { recogniseTool } from "../../lib/models/recognise-tool.js";
import { SafetySession } from "../../lib/pipeline/safety-session.js";
import { SegmentSession } from "../../lib/pipeline/segment-session.js";
import { ORACLES } from "../oracles/read-oracle.js";
import { floatBytes, safetensorsBytes } from "../support/safetensors-bytes.js";
import { temporaryFolder } from "../support/temporary-folder.js";

/** NSFW checkers and networks for text masks that are not what they say. */

const root = await temporaryFolder();
const UPSCALER = join(ORACLES, "upscalers", "compact-x2.onnx");
const picture = { width: 64, height: 40, rgb: new Uint8Array(64 * 40 * 3) };
const report = { signal: new AbortController().signal, notice: () => {} };

/** A copy of a folder, changed. */
function changed(source: string, change: (folder: string) => void): string {
  const parent = mkdtempSync(join(root, "tool-"));
  cpSync(join(ORACLES, source), parent, { recursive: true });
  change(parent);
  return parent;
}

const json = (name: string, change: object) => (folder: string) => {
  const path = join(folder, name);
  const values = JSON.parse(readFileSync(path, "utf8")) as object;
  writeFileSync(path, JSON.stringify({ ...values, ...change }));
};
const file = (name: string, bytes: Uint8Array | string) => (folder: string) => writeFileSync(join(folder, name), bytes);
const replacedTensors = (change: (header: Record<string, { shape: number[] }>) => void) => (folder: string) => {
  const path = join(folder, "model.safetensors");
  const bytes = readFileSync(path);
  const start = 8 + Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.toString("utf8", 8, start)) as Record<string, { shape: number[] }>;
  change(header);
  const text = Buffer.from(JSON.stringify(header).padEnd(start - 8));
  writeFileSync(path, Buffer.concat([bytes.subarray(0, 8), text, bytes.subarray(start)]));
};
const renamedKey = (from: string, to: string) =>
  replacedTensors((header) => {
    header[to] = header[from] as { shape: number[] };
    delete header[from];
  });
const CONCEPTS = {
  concept_embeds: { shape: [2, 4] },
  concept_embeds_weights: { shape: [2] },
  special_care_embeds: { shape: [1, 4] },
  special_care_embeds_weights: { shape: [1] },
};

const TOWER = { hidden_size: 8, intermediate_size: 24, num_attention_heads: 2, patch_size: 28, image_size: 224 };

describe("an NSFW checker", () => {
  const WEIGHTS = "safety-checker/diffusers/safety_checker";
  test.each<[string, string, (folder: string) => void, RegExp]>([
    ["without thresholds", WEIGHTS, renamedKey("concept_embeds_weights", "x"), /it has no tensor concept_embeds_weights/],
    ["with another width", WEIGHTS, json("config.json", { projection_dim: 768 }), /special_care_embeds has 16 channels, expected 768/],
    [
      "without a layer",
      WEIGHTS,
      renamedKey("vision_model.vision_model.pre_layrnorm.bias", "y"),
      /no tensor vision_model\.vision_model\.pre_layr/,
    ],
    [
      "with a layer too many",
      WEIGHTS,
      json("config.json", { vision_config: { ...TOWER, num_hidden_layers: 2 } }),
      /holds vision_model\.\S*layers\.2\./,
    ],
    [
      "with a layer too few",
      WEIGHTS,
      json("config.json", { vision_config: { ...TOWER, num_hidden_layers: 4 } }),
      /no tensor vision_model\.\S*layers\.3\./,
    ],
    [
      "of a million squares",
      WEIGHTS,
      json("config.json", { vision_config: { image_size: 1024, patch_size: 1 } }),
      /no whole squares of 1 pixels, at most 64/,
    ],
    [
      "for huge pictures",
      WEIGHTS,
      json("config.json", { vision_config: { image_size: 1e6 } }),
      /image_size is 1000000, expected at most 1024/,
    ],
    ["that prepares otherwise", WEIGHTS, file("preprocessor_config.json", '{"crop_size": 336}'), /sees 224 pixels a side but prepares 336/],
    ["that divides by nothing", WEIGHTS, file("preprocessor_config.json", '{"image_std": [1, 0, 1]}'), /image_std holds 1, 0, 1/],
    [
      "that prepares a sea of pixels",
      WEIGHTS,
      file("preprocessor_config.json", '{"size": {"shortest_edge": 1e9}}'),
      /pictures of 1000000000 pixels a side/,
    ],
    ["without a configuration", WEIGHTS, file("config.json", "[]"), /does not hold a JSON object/],
    [
      "of concepts alone",
      WEIGHTS,
      file("model.safetensors", safetensorsBytes(CONCEPTS)),
      /special_care_embeds has 4 channels, expected 16/,
    ],
    [
      "whose thresholds are not numbers",
      "safety-checker/onnx",
      file("model.safetensors", safetensorsBytes({ ...CONCEPTS, concept_embeds_weights: { shape: [2], data: floatBytes(Number.NaN, 1) } })),
      /holds values that are not numbers/,
    ],
    [
      "that is an upscaler",
      "safety-checker/onnx",
      (folder) => cpSync(UPSCALER, join(folder, "model.onnx")),
      /is no NSFW checker: it takes input/,
    ],
    ["that is no graph", "safety-checker/onnx", file("model.onnx", "x"), /cannot be used/],
  ])("%s is refused in one sentence", async (_, source, change, sentence) => {
    const session = new SafetySession();
    const checker = changed(source, change);
    await expect(session.check({ checker, picture, threads: 1 }, report)).rejects.toMatchObject({
      name: "DreamError",
      message: expect.stringMatching(sentence),
    });
    await session.release();
  });
});

describe("a network for text masks", () => {
  const WEIGHTS = "segmenter/clipseg";
  const EXPORTED = "segmenter/clipseg-onnx";
  test.each<[string, string, (folder: string) => void, RegExp]>([
    ["without a decoder", WEIGHTS, renamedKey("decoder.film_mul.bias", "decoder.x"), /no tensor decoder\.film_mul\.bias/],
    [
      "with a tensor of another shape",
      WEIGHTS,
      replacedTensors((header) => header["decoder.reduces.0.weight"]?.shape.reverse()),
      /decoder\.reduces\.0\.weight has the shape/,
    ],
    ["that looks at layers it lacks", WEIGHTS, json("config.json", { extract_layers: [0, 7] }), /extract_layers is \[0,7\]/],
    ["that looks backwards", WEIGHTS, json("config.json", { extract_layers: [1, 0] }), /extract_layers is \[1,0\]/],
    ["whose text comes in nowhere", WEIGHTS, json("config.json", { conditional_layer: 9 }), /conditional_layer is 9/],
    [
      "with short texts",
      WEIGHTS,
      json("config.json", { text_config: { max_position_embeddings: 2 } }),
      /max_position_embeddings is 2, expected 77/,
    ],
    ["with odd squares", WEIGHTS, file("preprocessor_config.json", '{"size": 100}'), /pictures of 100 pixels are no whole squares of 16/],
    ["with a vocabulary that is none", EXPORTED, file("vocab.json", "{}"), /has no token/],
    [
      "that is an upscaler",
      EXPORTED,
      (folder) => cpSync(UPSCALER, join(folder, "model.onnx")),
      /is no network for text masks: it takes input/,
    ],
    [
      "that is a checker",
      EXPORTED,
      (folder) => cpSync(join(ORACLES, "safety-checker", "onnx", "model.onnx"), join(folder, "model.onnx")),
      /is no network for text masks/,
    ],
    [
      "of another size",
      EXPORTED,
      file("preprocessor_config.json", '{"size": 352}'),
      /is no network for text masks: it takes .*pixel_values \[1, 3, 96, 96\]/,
    ],
  ])("%s is refused in one sentence", async (_, source, change, sentence) => {
    const session = new SegmentSession();
    const segmenter = changed(source, change);
    await expect(session.segment({ segmenter, picture, text: "hat", threads: 1 }, report)).rejects.toMatchObject({
      name: "DreamError",
      message: expect.stringMatching(sentence),
    });
    await session.release();
  });

  test("an empty folder is none", async () => {
    const segmenter = mkdtempSync(join(root, "empty-"));
    const job = { segmenter, picture, text: "hat", threads: 1 };
    await expect(new SegmentSession().segment(job, report)).rejects.toMatchObject({ code: "model/missing-file" });
  });

  test("ten thousand characters are a short text and a note; blanks are none", async () => {
    const session = new SegmentSession();
    const job = { segmenter: join(ORACLES, EXPORTED), picture, threads: 1 };
    const notices: string[] = [];
    const map = await session.segment({ ...job, text: "hat ".repeat(2500) }, { ...report, notice: (text) => notices.push(text) });
    expect(map.heat).toHaveLength(96 * 96);
    expect(notices.join().length).toBeLessThan(300);
    await expect(session.segment({ ...job, text: " \u00a0" }, report)).rejects.toMatchObject({ code: "usage/line" });
    await session.release();
  });

  test("a picture of one pixel's height is looked at", async () => {
    const session = new SegmentSession();
    const strip = { width: 3000, height: 1, rgb: new Uint8Array(9000) };
    const map = await session.segment({ segmenter: join(ORACLES, EXPORTED), picture: strip, text: "hat", threads: 1 }, report);
    expect(map.side).toBe(96);
    await session.release();
  });
});

test.each([
  ['{"architectures": ["__proto__"]}', undefined],
  ['{"architectures": "CLIPSegForImageSegmentation"}', undefined],
  ['{"architectures": [{}, null, "CLIPSegForImageSegmentation"]}', "segmenter"],
])("a folder whose config.json is %s", async (config, kind) => {
  const folder = mkdtempSync(join(root, "kind-"));
  writeFileSync(join(folder, "config.json"), config);
  expect((await recogniseTool(folder))?.kind).toBe(kind);
});
