import path from "node:path";
import { expect, test } from "@jest/globals";
import { recogniseTool } from "../../lib/models/recognise-tool.js";
import { FACES } from "../oracles/read-faces.js";
import { ORACLES } from "../oracles/read-oracle.js";

test.each([
  ["retinaface.onnx", { kind: "face_detector" }],
  ["yunet.onnx", { kind: "face_detector" }],
  ["gfpgan.onnx", { kind: "face_restorer", type: "gfpgan" }],
  ["codeformer.onnx", { kind: "face_restorer", type: "codeformer" }],
])("%s by its inputs and outputs", async (name, tool) => {
  expect(await recogniseTool(path.join(FACES, name))).toEqual(tool);
});

test.each([
  ["an upscaler that makes 144 pixels of 72", path.join(ORACLES, "upscalers", "compact-x2-fixed.onnx")],
  ["a network of free size", path.join(ORACLES, "upscalers", "compact-x2.onnx")],
  ["a U-Net", path.join(ORACLES, "onnx-folder", "optimum", "unet", "model.onnx")],
])("%s is nothing about faces", async (_name, file) => {
  expect(await recogniseTool(file)).toBeUndefined();
});
