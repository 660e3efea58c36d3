import { createHash } from "node:crypto";
import { copyFileSync, cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { readTensor } from "../../lib/checkpoints/read-tensor.js";
import type { WeightSource } from "../../lib/checkpoints/tensor.js";
import type { WeightsModel } from "../../lib/models/model-components.js";
import { openModel } from "../../lib/models/open-model.js";
import { MINIATURES } from "../oracles/read-oracle.js";
import { temporaryFolder } from "../support/temporary-folder.js";
import { writeTorchFile } from "../support/torch-file.js";

const folder = await temporaryFolder();
copyFileSync(join(MINIATURES, "sd1-fp16.safetensors"), join(folder, "whole.safetensors"));
copyFileSync(join(MINIATURES, "sd1.yaml"), join(folder, "whole.yaml"));

async function weightsOf(path: string): Promise<WeightsModel> {
  const model = await openModel(path);
  if (model.layout === "onnx") throw new Error("a folder of weights");
  return model;
}

/** What tells the values of all tensors apart. */
async function digests(source: WeightSource): Promise<object> {
  const found: Record<string, string> = {};
  for (const key of source.keys())
    found[key] = createHash("sha256")
      .update(await readTensor(source.get(key)!))
      .digest("hex");
  return found;
}

/** The digests of all networks. */
async function partsOf(path: string): Promise<object> {
  const { textEncoder, unet, vae } = await weightsOf(path);
  return { text: await digests(textEncoder.weights), unet: await digests(unet.weights), vae: await digests(vae.weights) };
}

test.each([["state_dict"], [undefined]])(
  "a checkpoint by torch, its tensors under %p, has the weights of the .safetensors",
  async (wrapper) => {
    const path = join(folder, `torch-${wrapper}.ckpt`);
    await writeTorchFile(join(MINIATURES, "sd1-fp16.safetensors"), path, wrapper);
    copyFileSync(join(MINIATURES, "sd1.yaml"), path.replace(".ckpt", ".yaml"));
    expect(await partsOf(path)).toEqual(await partsOf(join(folder, "whole.safetensors")));
  },
);

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
  expect(await partsOf(copy)).toEqual(await partsOf(join(MINIATURES, "sd1")));
});
