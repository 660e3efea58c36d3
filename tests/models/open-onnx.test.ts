import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { openModel } from "../../lib/models/open-model.js";
import { temporaryFolder } from "../support/temporary-folder.js";
import { TINY_CONFIGS } from "../support/tiny-diffusers.js";

const root = await temporaryFolder();
let count = 0;

async function onnxFolder(configs: Readonly<Record<string, unknown>>): Promise<string> {
  const folder = join(root, String(count++));
  for (const part of ["text_encoder", "unet", "vae_decoder", "vae_encoder", "tokenizer", "scheduler"]) {
    await mkdir(join(folder, part), { recursive: true });
  }
  for (const part of ["text_encoder", "unet", "vae_decoder", "vae_encoder"]) await writeFile(join(folder, part, "model.onnx"), "graph");
  await writeFile(join(folder, "unet", "model.onnx_data"), "weights");
  for (const [name, config] of Object.entries(configs)) await writeFile(join(folder, name), JSON.stringify(config));
  return folder;
}

test("an export of optimum is described by the configurations beside its graphs", async () => {
  const folder = await onnxFolder({
    "unet/config.json": TINY_CONFIGS["unet/config.json"],
    "vae_decoder/config.json": { ...TINY_CONFIGS["vae/config.json"], scaling_factor: 0.5 },
    "scheduler/scheduler_config.json": TINY_CONFIGS["scheduler/scheduler_config.json"],
  });
  expect(await openModel(folder)).toMatchObject({
    layout: "onnx",
    family: "SD 1.x",
    unet: { modelPath: join(folder, "unet", "model.onnx") },
    vaeEncoder: { modelPath: join(folder, "vae_encoder", "model.onnx") },
    tokenizer: { folder: join(folder, "tokenizer") },
    scalingFactor: 0.5,
    nativeSize: { width: 256, height: 256 },
    parameterBytes: 4 * "graph".length + "weights".length,
    files: expect.arrayContaining([join(folder, "unet", "model.onnx_data")]),
  });
});

test("an old export without configurations and without an encoder opens with the usual values", async () => {
  const folder = await onnxFolder({ "scheduler/scheduler_config.json": { prediction_type: "v_prediction" } });
  await rm(join(folder, "vae_encoder"), { recursive: true });
  const model = await openModel(folder);
  expect(model).toMatchObject({ family: "SD 2.x (v)", nativeSize: { width: 768 }, scalingFactor: 0.18215 });
  expect(model).toHaveProperty("vaeEncoder", undefined);
});

test("a missing graph is named, SDXL is refused, the VAE cannot be replaced", async () => {
  const folder = await onnxFolder({});
  await expect(openModel(folder, { vae: folder })).rejects.toMatchObject({ code: "model/unsupported" });
  await mkdir(join(folder, "text_encoder_2"));
  await expect(openModel(folder)).rejects.toMatchObject({ code: "model/unsupported", message: expect.stringContaining("SDXL") });
  const incomplete = await onnxFolder({});
  await rm(join(incomplete, "vae_decoder", "model.onnx"));
  const words = join("vae_decoder", "model.onnx");
  await expect(openModel(incomplete)).rejects.toMatchObject({ code: "model/missing-file", message: expect.stringContaining(words) });
});
