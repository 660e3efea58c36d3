import { copyFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { openModel } from "../../lib/models/open-model.js";
import { PACKAGE_ROOT } from "../../lib/package-root.js";
import { safetensorsBytes, type TensorToWrite } from "../support/safetensors-bytes.js";
import { temporaryFolder } from "../support/temporary-folder.js";

const MINIATURES = join(PACKAGE_ROOT, "tests", "oracles", "miniatures");
const SD1 = join(MINIATURES, "sd1");
const SD2 = join(MINIATURES, "sd2");
const folder = await temporaryFolder();
const weightsOf = (model: string) => join(model, "vae", "diffusion_pytorch_model.safetensors");

test.each([
  ["a VAE folder", join(SD2, "vae")],
  ["a model folder", SD2],
  ["the weights file of a VAE folder", weightsOf(SD2)],
])("%s replaces the VAE of a model", async (_, vae) => {
  const [plain, other, replaced] = [await openModel(SD1), await openModel(SD2), await openModel(SD1, { vae })];
  if (plain.layout === "onnx" || other.layout === "onnx" || replaced.layout === "onnx") throw new Error("layout");
  expect(replaced.vae.config).toEqual(other.vae.config);
  expect([...replaced.vae.weights.keys()]).toEqual([...other.vae.weights.keys()]);
  expect(replaced.unet.weights.folder).toBe(plain.unet.weights.folder);
  expect(replaced.files).toContain(weightsOf(SD2));
  expect(replaced.files).not.toContain(weightsOf(SD1));
  expect(replaced.parameterBytes).toBe(plain.parameterBytes);
});

/** The tensors that tell a VAE's shape, in LDM layout with the levels of the miniatures but the usual 32 groups. */
function ldmAutoencoder(latentChannels: number, prefix = ""): Record<string, TensorToWrite> {
  const shapes: Record<string, readonly number[]> = {
    "encoder.conv_in.weight": [32, 3, 3, 3],
    "decoder.conv_in.weight": [32, latentChannels, 3, 3],
    "decoder.conv_out.weight": [3, 32, 3, 3],
    "decoder.mid.block_1.conv1.weight": [32, 32, 3, 3],
    "encoder.mid.attn_1.q.weight": [32, 32, 1, 1],
    "loss.logvar": [1],
  };
  for (let level = 0; level < 4; level++) shapes[`encoder.down.${level}.block.0.conv1.weight`] = [32, 32, 3, 3];
  return Object.fromEntries(Object.entries(shapes).map(([key, shape]) => [prefix + key, { shape }]));
}

test.each(["", "first_stage_model."])("a single file with the prefix '%s' replaces the VAE", async (prefix) => {
  const path = join(folder, "vae-ft.safetensors");
  await writeFile(path, safetensorsBytes(ldmAutoencoder(4, prefix)));
  const model = await openModel(SD1, { vae: path });
  if (model.layout === "onnx") throw new Error(model.layout);
  expect(model.vae.config).toMatchObject({ blockOutChannels: [32, 32, 32, 32], layersPerBlock: 1, useQuantConv: false });
  expect(model.vae.weights.get("encoder.mid_block.attentions.0.to_q.weight")?.shape).toEqual([32, 32]);
  expect([...model.vae.weights.keys()].filter((key) => key.includes("loss"))).toEqual([]);
});

test("what is no VAE or does not fit is refused", async () => {
  const path = join(folder, "other.safetensors");
  await writeFile(path, safetensorsBytes(ldmAutoencoder(16)));
  await expect(openModel(SD1, { vae: path })).rejects.toMatchObject({
    code: "model/unsupported",
    message: expect.stringContaining("does not fit"),
  });
  await writeFile(path, safetensorsBytes({ a: { shape: [1] } }));
  await expect(openModel(SD1, { vae: path })).rejects.toMatchObject({
    code: "model/not-a-model",
    message: expect.stringContaining("not a VAE"),
  });
  await copyFile(weightsOf(SD2), path);
  await expect(openModel(SD1, { vae: path })).rejects.toMatchObject({
    code: "model/missing-file",
    message: expect.stringContaining("config.json"),
  });
});
