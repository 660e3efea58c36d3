import { writeFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "@jest/globals";
import { recogniseTool } from "../../lib/models/recognise-tool.js";
import { FACES } from "../oracles/read-faces.js";
import { ORACLES } from "../oracles/read-oracle.js";
import { safetensorsBytes } from "../support/safetensors-bytes.js";
import { temporaryFolder } from "../support/temporary-folder.js";

const folder = await temporaryFolder();

test.each([
  ["retinaface.onnx", { kind: "face_detector" }],
  ["yunet.onnx", { kind: "face_detector" }],
  ["gfpgan.onnx", { kind: "face_restorer", type: "gfpgan" }],
  ["codeformer.onnx", { kind: "face_restorer", type: "codeformer" }],
])("%s by its inputs and outputs", async (name, tool) => {
  expect(await recogniseTool(path.join(FACES, name))).toEqual(tool);
});

test.each([
  ["stylegan_decoder.to_rgb1.bias", "GFPGAN"],
  ["params_ema.fuse_convs_dict.32.scale.0.bias", "CodeFormer"],
  ["module.LandmarkHead.0.conv1x1.bias", "RetinaFace"],
])("weights with %s are told by name", async (key, network) => {
  const file = path.join(folder, "weights.safetensors");
  writeFileSync(file, safetensorsBytes({ [key]: { shape: [1] } }));
  await expect(recogniseTool(file)).rejects.toMatchObject({
    code: "face/unsupported",
    message: `${file} holds weights of ${network} alone, and networks about faces are run as somebody exported them`,
  });
});

test.each([
  ["144 pixels of 72", "compact-x2-fixed.onnx"],
  ["pictures of free size", "compact-x2.onnx"],
  ["a file by torch", "compact-x2.pth"],
])("an upscaler: %s", async (_name, file) => {
  expect(await recogniseTool(path.join(ORACLES, "upscalers", file))).toEqual({ kind: "upscaler" });
});

test.each([
  ["a U-Net", path.join(ORACLES, "onnx-folder", "optimum", "unet", "model.onnx")],
  ["a VAE's decoder", path.join(ORACLES, "onnx-folder", "optimum", "vae_decoder", "model.onnx")],
  ["a VAE's encoder", path.join(ORACLES, "onnx-folder", "optimum", "vae_encoder", "model.onnx")],
  ["an embedding", path.join(ORACLES, "embeddings", "files", "a1111.pt")],
])("%s is no tool", async (_name, file) => {
  expect(await recogniseTool(file)).toBeUndefined();
});
