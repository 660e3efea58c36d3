import { mkdtempSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "@jest/globals";
import { openUpscaler } from "../../lib/models/open-upscaler.js";
import { createUpscaler } from "../../lib/networks/upscaler.js";
import { MINIATURES, ORACLES } from "../oracles/read-oracle.js";
import { safetensorsBytes, type TensorToWrite } from "../support/safetensors-bytes.js";
import { temporaryFolder } from "../support/temporary-folder.js";

const upscaler = (name: string) => path.join(ORACLES, "upscalers", name);

const root = await temporaryFolder();

/** A folder of its own for every test. */
function freshFolder(): string {
  return mkdtempSync(path.join(root, "case-"));
}

function written(tensors: Record<string, TensorToWrite>): string {
  const file = path.join(freshFolder(), "upscaler.safetensors");
  writeFileSync(file, safetensorsBytes(tensors));
  return file;
}

/** A compact network with one convolution between the first and the last. */
function compact(outputs = 12): Record<string, TensorToWrite> {
  const convolution = (key: string, shape: number[]) => ({
    [`${key}.weight`]: { shape: [...shape, 3, 3] },
    [`${key}.bias`]: { shape: shape.slice(0, 1) },
  });
  return {
    ...convolution("body.0", [8, 3]),
    "body.1.weight": { shape: [8] },
    ...convolution("body.2", [8, 8]),
    "body.3.weight": { shape: [8] },
    ...convolution("body.4", [outputs, 8]),
  };
}

describe("what a file holds", () => {
  test.each([
    ["rrdb-x4.safetensors", { kind: "rrdb", features: 8, growth: 4, blocks: 2, unshuffle: 1, doublings: 2 }],
    ["rrdb-x4-2018.safetensors", { kind: "rrdb", features: 8, growth: 4, blocks: 2, unshuffle: 1, doublings: 2 }],
    ["rrdb-x4-2019.safetensors", { kind: "rrdb", features: 8, growth: 4, blocks: 2, unshuffle: 1, doublings: 2 }],
    ["rrdb-x2.safetensors", { kind: "rrdb", features: 8, growth: 4, blocks: 2, unshuffle: 2, doublings: 2 }],
    ["compact-x4.safetensors", { kind: "compact", features: 20, convolutions: 3, scale: 4 }],
  ])("%s", async (name, config) => {
    expect(await openUpscaler(upscaler(name))).toMatchObject({ config });
  });

  test("a folder with an exported graph", async () => {
    const folder = freshFolder();
    writeFileSync(path.join(folder, "model.onnx"), "");
    expect(await openUpscaler(folder)).toEqual({ graph: path.join(folder, "model.onnx") });
  });
});

describe("refused", () => {
  const { "body.3.weight": _, ...withoutSlopes } = compact();
  test.each([
    ["no such file", () => "nowhere.safetensors", "model/not-found", "does not exist"],
    ["a diffusion model", () => path.join(MINIATURES, "sd1-fp16.safetensors"), "upscaler/unsupported", "is no upscaler that is known"],
    ["a network that keeps the size", () => written(compact(3)), "upscaler/unsupported", "leaves the size as it is"],
    ["outputs that are no square", () => written(compact(15)), "upscaler/unsupported", "its last layer has 15 channels"],
    ["an enormous factor", () => written(compact(3 * 81)), "upscaler/unsupported", "its last layer has 243 channels"],
    [
      "four channels",
      () => written({ ...compact(), "body.0.weight": { shape: [8, 4, 3, 3] } }),
      "upscaler/unsupported",
      "takes 4 channels",
    ],
    ["a number without end", () => written({ ...compact(), "body.99999999.weight": { shape: [8] } }), "upscaler/unsupported", "100000000"],
    [
      "an RRDBNet without blocks",
      () => written({ "conv_first.weight": { shape: [8, 3, 3, 3] } }),
      "weights/missing-key",
      "body.0.rdb1.conv1.weight",
    ],
  ])("%s", async (_name, file, code, message) => {
    await expect(openUpscaler(file())).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
  });

  test("a .pth of other tensors", async () => {
    const file = path.join(ORACLES, "pickle", "float8.pt");
    await expect(openUpscaler(file)).rejects.toMatchObject({
      code: "upscaler/unsupported",
      message: expect.stringContaining("is no upscaler"),
    });
  });

  test("a folder without a graph", async () => {
    await expect(openUpscaler(freshFolder())).rejects.toMatchObject({ code: "file/unreadable" });
  });

  test.each([
    ["a missing tensor by the file's own name", withoutSlopes, "weights/missing-key", "body.3.weight"],
    ["a surplus tensor", { ...compact(), "body.2.scale": { shape: [1] } }, "weights/surplus-key", "body.2.scale"],
    ["a wrong shape", { ...compact(), "body.2.bias": { shape: [7] } }, "weights/shape", "body.2.bias"],
  ])("%s, before anything is enlarged", async (_name, tensors, code, message) => {
    const files = await openUpscaler(written(tensors));
    if ("graph" in files) throw new Error("not a graph");
    expect(() => createUpscaler(files.config, files.weights, 1)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(message) }),
    );
  });
});
