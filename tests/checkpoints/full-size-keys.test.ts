import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { expect, test } from "@jest/globals";
import { elementCount } from "../../lib/checkpoints/read-tensor.js";
import type { TensorRef, WeightSource } from "../../lib/checkpoints/tensor.js";
import { weightSource } from "../../lib/checkpoints/weight-source.js";
import { ConfigReader } from "../../lib/models/config-reader.js";
import { autoencoderConfig, clipTextConfig, unetConfig } from "../../lib/models/diffusers-config.js";
import { describeCheckpoint } from "../../lib/models/open-checkpoint.js";
import { PACKAGE_ROOT } from "../../lib/package-root.js";

type Shapes = Readonly<Record<string, readonly number[]>>;
type Part = "unet" | "vae" | "text_encoder";

interface FullSizeModel {
  readonly config: Readonly<Record<Part, Record<string, unknown>>>;
  readonly diffusers: Readonly<Record<Part, Shapes>>;
  readonly ldm: Shapes;
}

const packed = await readFile(join(PACKAGE_ROOT, "tests", "oracles", "full-size-keys", "keys.json.gz"));
const { sd1, sd2 } = JSON.parse(gunzipSync(packed).toString()) as { readonly sd1: FullSizeModel; readonly sd2: FullSizeModel };

/** A checkpoint of these tensors, one behind the other, that lies nowhere. */
function checkpoint(shapes: Shapes, name: string): WeightSource {
  const refs = new Map<string, TensorRef>();
  let offset = 1000;
  for (const [key, shape] of Object.entries(shapes)) {
    const byteLength = 2 * elementCount({ shape });
    refs.set(key, { key, dtype: "F16", shape, file: `/models/${name}`, offset, byteLength });
    offset += byteLength;
  }
  return weightSource(`/models/${name}`, refs);
}

const describe = (shapes: Shapes, name: string, metadata: Record<string, string> = {}) =>
  describeCheckpoint(checkpoint(shapes, name), new Map(Object.entries(metadata)), undefined);

const withoutPrefix = (key: string) => key.replace(/^text_model\./, "");

function shapesOf(source: WeightSource): Shapes {
  return Object.fromEntries([...source.keys()].map((key) => [withoutPrefix(key), source.get(key)!.shape]));
}

function parameters(source: WeightSource): number {
  return [...source.keys()].reduce((sum, key) => sum + elementCount(source.get(key)!), 0);
}

test("the single file of SD 1.5 holds every tensor of its diffusers folder once, with its shape", () => {
  const model = describe(sd1.ldm, "v1-5-pruned.safetensors");
  expect(shapesOf(model.unet.weights)).toEqual(sd1.diffusers.unet);
  expect(shapesOf(model.vae.weights)).toEqual(sd1.diffusers.vae);
  expect(shapesOf(model.textEncoder.weights)).toEqual(sd1.diffusers.text_encoder);
  expect([...model.unet.weights.keys()]).toHaveLength(686);
  expect(parameters(model.unet.weights)).toBe(859_520_964);
  expect([...model.vae.weights.keys()]).toHaveLength(248);
  expect(parameters(model.vae.weights)).toBe(83_653_863);
  expect([...model.textEncoder.weights.keys()]).toHaveLength(196);
  expect(model.parameterBytes).toBe(4 * (859_520_964 + 83_653_863 + 123_060_480));
});

test("the single file of SD 2.1 holds every tensor of its diffusers folder once, and the text layer that is never run", () => {
  const model = describe(sd2.ldm, "v2-1_768-ema-pruned.safetensors");
  expect(shapesOf(model.unet.weights)).toEqual(sd2.diffusers.unet);
  expect(shapesOf(model.vae.weights)).toEqual(sd2.diffusers.vae);
  const text = Object.entries(shapesOf(model.textEncoder.weights));
  const [last, run] = [true, false].map((isLast) => text.filter(([key]) => key.startsWith("encoder.layers.23.") === isLast));
  expect(Object.fromEntries(run!)).toEqual(sd2.diffusers.text_encoder);
  expect(last).toHaveLength(16);
});

test.each([
  ["SD 1.5", sd1],
  ["SD 2.1", sd2],
])("no byte of %s is used twice, none of its networks is left out", (_, { ldm }) => {
  const file = checkpoint(ldm, "model.safetensors");
  const model = describeCheckpoint(file, new Map(), undefined);
  const sources = [model.unet.weights, model.vae.weights, model.textEncoder.weights];
  const refs = sources.flatMap((source) => [...source.keys()].map((key) => source.get(key)!)).sort((a, b) => a.offset - b.offset);
  const overlapping = refs.filter((ref, i) => i > 0 && ref.offset < refs[i - 1]!.offset + refs[i - 1]!.byteLength);
  expect(overlapping).toEqual([]);
  expect(refs.filter((ref) => ref.byteLength !== 2 * elementCount(ref))).toEqual([]);
  const used = new Set(refs.map((ref) => ref.key));
  const unused = Object.keys(ldm).filter((key) => !used.has(key));
  const known = /^(model_ema\.|betas$|(log|sqrt|alphas)_|cond_stage_model\.(.*position_ids|model\.(text_projection|logit_scale))$)/;
  expect(unused.filter((key) => !known.test(key))).toEqual([]);
});

test.each([
  ["SD 1.5", sd1, "model.safetensors"],
  ["SD 2.1", sd2, "model.safetensors"],
])("the shapes of %s say what its config.json files say", (_, { ldm, config }, name) => {
  const model = describe(ldm, name);
  const reader = (part: Part) => new ConfigReader(config[part], part);
  expect(model.unet.config).toEqual(unetConfig(reader("unet")));
  expect(model.vae.config).toEqual(autoencoderConfig(reader("vae")));
  const { skipLayers, config: text } = model.textEncoder;
  expect({ ...text, layers: text.layers - skipLayers }).toEqual(clipTextConfig(reader("text_encoder")));
});

const inpainting = (shapes: Shapes): Shapes => ({ ...shapes, "model.diffusion_model.input_blocks.0.0.weight": [320, 9, 3, 3] });

test.each([
  ["v1-5-pruned-emaonly.safetensors", sd1.ldm, {}, "SD 1.x", 512],
  ["sd-v1-5-inpainting.safetensors", inpainting(sd1.ldm), {}, "SD 1.x inpainting", 512],
  ["v2-1_768-ema-pruned.safetensors", sd2.ldm, {}, "SD 2.x (v)", 768],
  ["768-v-ema.safetensors", sd2.ldm, {}, "SD 2.x (v)", 768],
  ["v2-1_512-ema-pruned.safetensors", sd2.ldm, {}, "SD 2.x", 512],
  ["512-base-ema.safetensors", sd2.ldm, {}, "SD 2.x", 512],
  ["512-inpainting-ema.safetensors", inpainting(sd2.ldm), {}, "SD 2.x inpainting", 512],
  ["my-finetune.safetensors", sd2.ldm, { "modelspec.prediction_type": "epsilon" }, "SD 2.x", 512],
  ["my-base.safetensors", sd2.ldm, { "modelspec.prediction_type": "v" }, "SD 2.x (v)", 768],
])("%s is %4$s", (name, shapes, metadata, family, side) => {
  expect(describe(shapes, name, metadata)).toMatchObject({ family, nativeSize: { width: side, height: side } });
});

test.each([
  [5, "depth-to-image"],
  [7, "upscaler"],
  [8, "instruct-pix2pix"],
])("a U-Net of %d channels is refused as %s", (channels, kind) => {
  const shapes = { ...sd1.ldm, "model.diffusion_model.input_blocks.0.0.weight": [320, channels, 3, 3] };
  expect(() => describe(shapes, "model.safetensors")).toThrow(kind);
});

test("a network that lacks a tensor its shape is read from says which", () => {
  const { "model.diffusion_model.out.2.weight": _, ...shapes } = sd1.ldm;
  expect(() => describe(shapes, "model.safetensors")).toThrow("has no tensor model.diffusion_model.out.2.weight");
});

test("parts of different generations are refused together", () => {
  const mixed = Object.fromEntries(Object.entries(sd1.ldm).filter(([key]) => !key.startsWith("cond_stage_model.")));
  const text = Object.fromEntries(Object.entries(sd2.ldm).filter(([key]) => key.startsWith("cond_stage_model.")));
  expect(() => describe({ ...mixed, ...text }, "model.safetensors")).toThrow("does not fit together");
});

test("a tensor with a network's prefix that has no place in it keeps its name and is left to the network's check", () => {
  const model = describe({ ...sd1.ldm, "model.diffusion_model.input_blocks.12.0.extra.weight": [1] }, "model.safetensors");
  expect(model.unet.weights.get("model.diffusion_model.input_blocks.12.0.extra.weight")).toBeDefined();
});
