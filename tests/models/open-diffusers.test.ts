import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { openModel } from "../../lib/models/open-model.js";
import { safetensorsBytes } from "../support/safetensors-bytes.js";
import { temporaryFolder } from "../support/temporary-folder.js";
import { TINY_WEIGHTS, writeTinyDiffusers } from "../support/tiny-diffusers.js";

const root = await temporaryFolder();
let count = 0;
const fresh = () => join(root, `model-${count++}`);

test("a diffusers folder is opened with diffusers' own defaults", async () => {
  const folder = await writeTinyDiffusers(fresh());
  const model = await openModel(folder);
  if (model.layout !== "diffusers") throw new Error(model.layout);
  expect(model).toMatchObject({ origin: folder, family: "SD 1.x", nativeSize: { width: 64, height: 64 }, tokenizer: {} });
  expect(model.textEncoder).toMatchObject({ skipLayers: 0, config: { vocabSize: 49408, heads: 4, activation: "quick_gelu" } });
  expect(model.unet.config).toMatchObject({ heads: [4, 4], layersPerBlock: 2, transformerLayers: 1, hasMidBlock: true, normGroups: 32 });
  expect(model.vae.config).toMatchObject({ scalingFactor: 0.18215, useQuantConv: true, midBlockAttention: true });
  expect(model.scheduler).toMatchObject({ timestepSpacing: "leading", stepsOffset: 1, predictionType: "epsilon", setAlphaToOne: false });
  expect(model.parameterBytes).toBe(4 * (10 * 32 + 32 * 4 * 9 + 32 * 32 + 32));
  expect(model.files).toContain(join(folder, "unet", "diffusion_pytorch_model.safetensors"));
  expect(model.files).toContain(join(folder, "scheduler", "scheduler_config.json"));
});

test("keys of other generations of the libraries are presented under today's names", async () => {
  const model = await openModel(await writeTinyDiffusers(fresh()));
  if (model.layout === "onnx") throw new Error(model.layout);
  expect([...model.textEncoder.weights.keys()]).toEqual(["text_model.embeddings.token_embedding.weight"]);
  expect(model.vae.weights.get("decoder.mid_block.attentions.0.to_q.weight")?.shape).toEqual([32, 32]);
  expect(model.vae.weights.get("decoder.mid_block.attentions.0.to_out.0.bias")?.shape).toEqual([32]);
});

test("half-precision and sharded files are found", async () => {
  const { "unet/diffusion_pytorch_model.safetensors": unet, ...others } = TINY_WEIGHTS;
  const half = await writeTinyDiffusers(fresh(), {}, { ...others, "unet/diffusion_pytorch_model.fp16.safetensors": unet });
  await expect(openModel(half)).resolves.toMatchObject({ layout: "diffusers" });
  const sharded = await writeTinyDiffusers(fresh(), {}, { ...others, "unet/part-1.safetensors": unet });
  const index = { weight_map: { "conv_in.weight": "part-1.safetensors" } };
  await writeFile(join(sharded, "unet", "diffusion_pytorch_model.safetensors.index.json"), JSON.stringify(index));
  const model = await openModel(sharded);
  expect(model.files).toContain(join(sharded, "unet", "part-1.safetensors"));
});

test("a folder behind a symbolic link opens", async () => {
  const link = fresh();
  await symlink(await writeTinyDiffusers(fresh()), link);
  await expect(openModel(link)).resolves.toMatchObject({ origin: link });
});

test("inpainting and v-prediction show in the family", async () => {
  const folder = await writeTinyDiffusers(fresh(), {
    "unet/config.json": { in_channels: 9, use_linear_projection: true, attention_head_dim: [2, 4] },
    "scheduler/scheduler_config.json": { prediction_type: "v_prediction" },
  });
  await expect(openModel(folder)).resolves.toMatchObject({ family: "SD 2.x inpainting (v)", unet: { config: { heads: [2, 4] } } });
});

test("without scheduler_config.json the schedule is that of Stable Diffusion", async () => {
  const folder = await writeTinyDiffusers(fresh(), { "scheduler/scheduler_config.json": null });
  await expect(openModel(folder)).resolves.toMatchObject({ scheduler: { betaSchedule: "scaled_linear", stepsOffset: 1 } });
});

test.each([
  ["unet/config.json", { class_embed_type: "timestep" }, "model/unsupported", 'class_embed_type "timestep"'],
  ["unet/config.json", { addition_embed_type: "text_time" }, "model/unsupported", "addition_embed_type"],
  ["unet/config.json", { resnet_time_scale_shift: "scale_shift" }, "model/unsupported", "resnet_time_scale_shift"],
  ["unet/config.json", { act_fn: "gelu" }, "model/unsupported", 'act_fn "gelu"'],
  ["unet/config.json", { dual_cross_attention: true }, "model/unsupported", "dual_cross_attention"],
  ["unet/config.json", { down_block_types: ["AttnDownBlock2D", "DownBlock2D"] }, "model/unsupported", "AttnDownBlock2D"],
  ["unet/config.json", { down_block_types: ["DownBlock2D"] }, "model/config", "expected 2 names"],
  ["unet/config.json", { transformer_layers_per_block: [1, 2] }, "model/unsupported", "transformer_layers_per_block"],
  ["unet/config.json", { block_out_channels: "320" }, "model/config", 'block_out_channels is "320"'],
  ["unet/config.json", { block_out_channels: [32, -1] }, "model/config", "block_out_channels"],
  ["unet/config.json", { attention_head_dim: 7 }, "model/config", "attention_head_dim"],
  ["unet/config.json", { norm_num_groups: 24 }, "model/config", "norm_num_groups"],
  ["unet/config.json", { in_channels: 8 }, "model/unsupported", "instruct-pix2pix"],
  ["vae/config.json", { down_block_types: ["X", "Y"] }, "model/unsupported", '"X"'],
  ["vae/config.json", { latents_mean: [0] }, "model/unsupported", "latents_mean"],
  ["vae/config.json", { scaling_factor: 0 }, "model/config", "scaling_factor is 0"],
  ["text_encoder/config.json", { hidden_act: "relu" }, "model/unsupported", "relu"],
  ["text_encoder/config.json", { num_attention_heads: 5 }, "model/config", "num_attention_heads"],
  ["text_encoder/config.json", { model_type: "t5" }, "model/unsupported", "t5"],
  ["scheduler/scheduler_config.json", { prediction_type: "sample" }, "model/unsupported", "sample"],
  ["scheduler/scheduler_config.json", { beta_schedule: "sigmoid" }, "model/unsupported", "sigmoid"],
  ["scheduler/scheduler_config.json", { trained_betas: [0.1] }, "model/config", "1000 numbers"],
  ["model_index.json", { _class_name: "StableDiffusionXLPipeline" }, "model/unsupported", "an SDXL model"],
  ["model_index.json", { vae: ["diffusers", "AutoencoderTiny"] }, "model/unsupported", "AutoencoderTiny"],
])("%s with %j is refused", async (file, change, code, words) => {
  const folder = await writeTinyDiffusers(fresh(), { [file]: change });
  await expect(openModel(folder)).rejects.toMatchObject({ code, message: expect.stringContaining(words) });
});

test("missing files are named, and what is there instead is pointed out", async () => {
  const { "vae/diffusion_pytorch_model.safetensors": _, ...weights } = TINY_WEIGHTS;
  const folder = await writeTinyDiffusers(fresh(), {}, weights);
  const words = join("vae", "diffusion_pytorch_model.safetensors");
  await expect(openModel(folder)).rejects.toMatchObject({ code: "model/missing-file", message: expect.stringContaining(words) });
  await writeFile(join(folder, "vae", "model.msgpack"), "");
  await expect(openModel(folder)).rejects.toMatchObject({ message: expect.stringContaining("has model.msgpack but no") });
  const bare = await writeTinyDiffusers(fresh(), { "unet/config.json": null });
  await expect(openModel(bare)).rejects.toMatchObject({
    code: "model/missing-file",
    message: expect.stringContaining(join("unet", "config.json")),
  });
});

test("no model, an empty folder and another folder are told apart", async () => {
  await expect(openModel(fresh())).rejects.toMatchObject({ code: "model/not-found" });
  const empty = fresh();
  await mkdir(empty);
  await expect(openModel(empty)).rejects.toMatchObject({ code: "model/not-a-model", message: expect.stringContaining("empty folder") });
  await writeFile(join(empty, "notes.txt"), "x");
  await expect(openModel(empty)).rejects.toMatchObject({ code: "model/not-a-model", message: expect.stringContaining("model_index.json") });
});

test("a broken configuration file is named", async () => {
  const folder = await writeTinyDiffusers(fresh());
  await writeFile(join(folder, "unet", "config.json"), "{");
  await expect(openModel(folder)).rejects.toMatchObject({ code: "model/config", message: expect.stringContaining("not valid JSON") });
  await writeFile(join(folder, "unet", "config.json"), "[]");
  await expect(openModel(folder)).rejects.toMatchObject({ code: "model/config", message: expect.stringContaining("JSON object") });
  await writeFile(join(folder, "unet", "config.json"), " ".repeat(2_000_000));
  await expect(openModel(folder)).rejects.toMatchObject({ code: "model/config", message: expect.stringContaining("2000000 bytes") });
});

test("weights that are no safetensors file are named", async () => {
  const folder = await writeTinyDiffusers(
    fresh(),
    {},
    { ...TINY_WEIGHTS, "unet/diffusion_pytorch_model.safetensors": safetensorsBytes({}).slice(0, 5) },
  );
  await expect(openModel(folder)).rejects.toMatchObject({ code: "safetensors/truncated" });
});
