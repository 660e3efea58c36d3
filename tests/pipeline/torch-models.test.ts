import { copyFileSync, cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { readTensor } from "../../lib/checkpoints/read-tensor.js";
import type { WeightSource } from "../../lib/checkpoints/tensor.js";
import type { WeightsModel } from "../../lib/models/model-components.js";
import { openModel } from "../../lib/models/open-model.js";
import { ModelSession } from "../../lib/pipeline/model-session.js";
import { job, loadRequest } from "../engine/fakes.js";
import { MINIATURES } from "../oracles/read-oracle.js";
import { writeBrokenCheckpoint } from "../support/broken-checkpoint.js";
import { temporaryFolder } from "../support/temporary-folder.js";
import { writeTorchFile } from "../support/torch-file.js";

const folder = await temporaryFolder();

async function draw(path: string): Promise<readonly number[]> {
  const session = new ModelSession();
  const report = { signal: new AbortController().signal, notice: () => {}, stage: () => {}, step: () => {}, previewEvery: 0 };
  await session.load(loadRequest(path), report);
  return [...(await session.generate(job({ steps: 2 }), report)).image.rgb];
}

test("a checkpoint by torch draws the pictures of the same weights in .safetensors", async () => {
  const whole = await writeBrokenCheckpoint(folder, "whole", () => {});
  await writeTorchFile(whole, join(folder, "torch.ckpt"), "state_dict");
  copyFileSync(join(folder, "whole.yaml"), join(folder, "torch.yaml"));
  expect(await draw(join(folder, "torch.ckpt"))).toEqual(await draw(whole));
});

async function weightsOf(path: string): Promise<WeightsModel> {
  const model = await openModel(path);
  if (model.layout === "onnx") throw new Error("a folder of weights");
  return model;
}

async function values(source: WeightSource): Promise<object> {
  const read: Record<string, readonly number[]> = {};
  for (const key of source.keys()) read[key] = [...(await readTensor(source.get(key)!))];
  return read;
}

test("a diffusers folder whose parts are files by torch has the same weights", async () => {
  const copy = join(folder, "sd1");
  cpSync(join(MINIATURES, "sd1"), copy, { recursive: true });
  for (const [part, stem, name] of [
    ["text_encoder", "model", "pytorch_model.bin"],
    ["unet", "diffusion_pytorch_model", "diffusion_pytorch_model.fp16.bin"],
    ["vae", "diffusion_pytorch_model", "diffusion_pytorch_model.bin"],
  ] as const) {
    const file = join(copy, part, `${stem}.safetensors`);
    await writeTorchFile(file, join(copy, part, name));
    rmSync(file);
  }
  const [ours, original] = [await weightsOf(copy), await weightsOf(join(MINIATURES, "sd1"))];
  for (const part of ["textEncoder", "unet", "vae"] as const) {
    expect(await values(ours[part].weights)).toEqual(await values(original[part].weights));
  }
});
