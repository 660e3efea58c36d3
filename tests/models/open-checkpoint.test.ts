import { copyFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { ldmUnetSource } from "../../lib/checkpoints/ldm-sources.js";
import { openWeights } from "../../lib/checkpoints/open-weights.js";
import { readTensor } from "../../lib/checkpoints/read-tensor.js";
import type { WeightSource } from "../../lib/checkpoints/tensor.js";
import { unetConfigFromShapes } from "../../lib/models/ldm-config.js";
import type { WeightsModel } from "../../lib/models/model-components.js";
import { type OpenModelOptions, openModel } from "../../lib/models/open-model.js";
import { readSideConfig } from "../../lib/models/side-config.js";
import { PACKAGE_ROOT } from "../../lib/package-root.js";
import { safetensorsBytes, type TensorToWrite } from "../support/safetensors-bytes.js";
import { temporaryFolder } from "../support/temporary-folder.js";

const MINIATURES = join(PACKAGE_ROOT, "tests", "oracles", "miniatures");
const folder = await temporaryFolder();

async function openWeightsModel(path: string, options?: OpenModelOptions): Promise<WeightsModel> {
  const model = await openModel(path, options);
  if (model.layout === "onnx") throw new Error(model.layout);
  return model;
}

const miniature = (name: string, side: string) => openWeightsModel(join(MINIATURES, name), { config: join(MINIATURES, side) });

/** Every key, shape and value of `expected` (both ways for keys). */
async function expectSame(got: WeightSource, expected: WeightSource, isExtra: (key: string) => boolean = () => false): Promise<void> {
  expect([...got.keys()].filter((key) => !isExtra(key)).sort()).toEqual([...expected.keys()].sort());
  const differing: string[] = [];
  for (const key of expected.keys()) {
    const [mine, theirs] = [got.get(key)!, expected.get(key)!];
    const [a, b] = [await readTensor(mine), await readTensor(theirs)];
    const same = mine.shape.join() === theirs.shape.join() && a.every((value, i) => Object.is(value, b[i]));
    if (!same) differing.push(key);
  }
  expect(differing).toEqual([]);
}

test("SD 1.x as one file is the same model as its diffusers folder, tensor by tensor", async () => {
  const file = await miniature("sd1-fp32.safetensors", "sd1.yaml");
  const diffusers = await openWeightsModel(join(MINIATURES, "sd1"));
  expect(file).toMatchObject({ layout: "checkpoint", family: "SD 1.x", nativeSize: { width: 64, height: 64 }, tokenizer: {} });
  expect(file.unet.config).toEqual(diffusers.unet.config);
  expect(file.vae.config).toEqual(diffusers.vae.config);
  expect(file.textEncoder.config).toEqual(diffusers.textEncoder.config);
  expect(file.scheduler).toEqual(diffusers.scheduler);
  expect(file.textEncoder.skipLayers).toBe(0);
  expect(file.parameterBytes).toBe(diffusers.parameterBytes);
  await expectSame(file.unet.weights, diffusers.unet.weights);
  await expectSame(file.vae.weights, diffusers.vae.weights);
  await expectSame(file.textEncoder.weights, diffusers.textEncoder.weights);
});

test("SD 2.x as one file is the same model as its diffusers folder, but for the text layer that is skipped", async () => {
  const file = await miniature("sd2-fp16.safetensors", "sd2.yaml");
  const diffusers = await openWeightsModel(join(MINIATURES, "sd2"));
  expect(file).toMatchObject({ family: "SD 2.x (v)", nativeSize: { width: 64, height: 64 }, tokenizer: { pad: 0 } });
  expect(file.unet.config).toEqual(diffusers.unet.config);
  expect(file.vae.config).toEqual(diffusers.vae.config);
  expect(file.textEncoder.config).toEqual({ ...diffusers.textEncoder.config, layers: diffusers.textEncoder.config.layers + 1 });
  expect(file.textEncoder.skipLayers).toBe(1);
  expect(file.scheduler).toEqual(diffusers.scheduler);
  await expectSame(file.unet.weights, diffusers.unet.weights);
  await expectSame(file.vae.weights, diffusers.vae.weights);
  await expectSame(file.textEncoder.weights, diffusers.textEncoder.weights, (key) => key.includes(".layers.3."));
});

test.each(["fp16", "bf16"])("the half-precision file %s opens like the other", async (type) => {
  const file = await miniature(`sd1-${type}.safetensors`, "sd1.yaml");
  expect(file.unet.weights.get("conv_in.weight")?.dtype).toBe(type.toUpperCase().replace("FP", "F"));
});

test("the U-Net of an inpainting file has nine channels", async () => {
  const { weights: file } = await openWeights(join(MINIATURES, "sd1-inpainting-fp16.safetensors"));
  const config = unetConfigFromShapes(file, await readSideConfig(join(MINIATURES, "sd1-inpainting.yaml")), 8);
  expect(config).toMatchObject({ inChannels: 9, outChannels: 4 });
  expect(ldmUnetSource(file, config).get("conv_in.weight")?.shape).toEqual([4, 9, 3, 3]);
});

test("a side configuration beside the file is found; without one a miniature says what it needs", async () => {
  const path = join(folder, "mine.safetensors");
  await copyFile(join(MINIATURES, "sd1-fp16.safetensors"), path);
  await expect(openModel(path)).rejects.toMatchObject({ code: "model/side-config", message: expect.stringContaining("num_heads") });
  await copyFile(join(MINIATURES, "sd1.yaml"), join(folder, "mine.yaml"));
  const model = await openModel(path);
  expect(model.files).toEqual([path, join(folder, "mine.yaml")]);
});

test.each([
  ['parameterization: "x0"', "model/unsupported", 'parameterization "x0"'],
  ["linear_start: fast", "model/config", 'linear_start is "fast"'],
  ["unet_config: [1]", "model/config", "unet_config is [1]"],
])("a side configuration with %s is refused", async (line, code, words) => {
  const config = join(folder, "side.yaml");
  await writeFile(config, `model:\n  params:\n    ${line}\n`);
  const failure = openModel(join(MINIATURES, "sd1-fp16.safetensors"), { config });
  await expect(failure).rejects.toMatchObject({ code, message: expect.stringContaining(words) });
});

const LONE: readonly (readonly [what: string, tensors: Record<string, TensorToWrite>, code: string, words: string])[] = [
  [
    "SDXL",
    { "model.diffusion_model.input_blocks.0.0.weight": s(4), "conditioner.embedders.0.a": s(1) },
    "model/unsupported",
    "an SDXL checkpoint",
  ],
  ["SD3", { "model.diffusion_model.joint_blocks.0.x_block.attn.qkv.weight": s(4) }, "model/unsupported", "an SD3 checkpoint"],
  ["Flux", { "double_blocks.0.img_attn.qkv.weight": s(4) }, "model/unsupported", "a Flux checkpoint"],
  ["kohya LoRA", { "lora_unet_down_blocks_0_attentions_0_proj_in.lora_down.weight": s(4) }, "model/not-a-model", "a LoRA"],
  ["diffusers LoRA", { "unet.down_blocks.0.attentions.0.to_q.lora_A.weight": s(4) }, "model/not-a-model", "a LoRA"],
  ["ControlNet", { "control_model.zero_convs.0.0.weight": s(4) }, "model/not-a-model", "a ControlNet"],
  [
    "diffusers ControlNet",
    { "controlnet_cond_embedding.conv_in.weight": s(4), "down_blocks.0.resnets.0.a": s(1) },
    "model/not-a-model",
    "a ControlNet",
  ],
  ["VAE", { "decoder.conv_in.weight": s(4), "encoder.conv_in.weight": s(4) }, "model/not-a-model", "a VAE alone"],
  ["VAE with prefix", { "first_stage_model.decoder.mid.attn_1.q.weight": s(4) }, "model/not-a-model", "a VAE alone"],
  ["embedding", { emb_params: s(2, 768) }, "model/not-a-model", "a textual-inversion embedding"],
  ["diffusers embedding", { "<cat-toy>": s(768) }, "model/not-a-model", "a textual-inversion embedding"],
  ["diffusers embedding under a plain word", { cat: s(1, 1024) }, "model/not-a-model", "a textual-inversion embedding"],
  ["RealESRGAN", { "body.0.rdb1.conv1.weight": s(4) }, "model/not-a-model", "an upscaler"],
  ["ESRGAN", { "model.1.sub.0.RDB1.conv1.0.weight": s(4) }, "model/not-a-model", "an upscaler"],
  ["part of a folder", { "down_blocks.0.resnets.0.conv1.weight": s(4) }, "model/not-a-model", "give the folder"],
  ["SDXL U-Net", { "add_embedding.linear_1.weight": s(4), "down_blocks.0.resnets.0.a": s(1) }, "model/unsupported", "SDXL U-Net"],
  ["text encoder", { "text_model.encoder.layers.0.self_attn.q_proj.weight": s(4) }, "model/not-a-model", "a text encoder"],
  ["U-Net alone", { "model.diffusion_model.input_blocks.0.0.weight": s(4, 4, 3, 3) }, "model/not-a-model", "no text encoder"],
  ["something else", { "bert.pooler.weight": s(4) }, "model/not-a-model", "not a Stable Diffusion model"],
  ["nothing", {}, "model/not-a-model", "not a Stable Diffusion model"],
];

function s(...shape: number[]): TensorToWrite {
  return { shape };
}

test.each(LONE)("%s is recognised and refused", async (_, tensors, code, words) => {
  const path = join(folder, "lone.safetensors");
  await writeFile(path, safetensorsBytes(tensors));
  await expect(openModel(path)).rejects.toMatchObject({ code, message: expect.stringContaining(words) });
});

test.each(["model.onnx", "model.gguf"])("%s is refused by its format", async (name) => {
  await writeFile(join(folder, name), "x");
  await expect(openModel(join(folder, name))).rejects.toMatchObject({ code: "model/format" });
});

test.each(["model.ckpt", "model.pt"])("%s that is no file by torch is refused", async (name) => {
  await writeFile(join(folder, name), "x");
  await expect(openModel(join(folder, name))).rejects.toMatchObject({ code: "pickle/format", message: expect.stringContaining(name) });
});

test("an upscaler by torch is no model", async () => {
  const path = join(PACKAGE_ROOT, "tests", "oracles", "upscalers", "compact-x2.pth");
  await expect(openModel(path)).rejects.toMatchObject({ code: "model/not-a-model" });
});

test("a text file that calls itself a model is refused", async () => {
  const path = join(folder, "page.safetensors");
  await writeFile(path, await readFile(join(MINIATURES, "sd1.yaml")));
  await expect(openModel(path)).rejects.toMatchObject({ code: "safetensors/header" });
});
