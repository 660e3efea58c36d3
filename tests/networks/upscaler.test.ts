import { readFileSync } from "node:fs";
import path from "node:path";
import { afterAll, describe, expect, test } from "@jest/globals";
import type { TensorRef } from "../../lib/checkpoints/tensor.js";
import { weightSource } from "../../lib/checkpoints/weight-source.js";
import { openUpscaler } from "../../lib/models/open-upscaler.js";
import { createUpscaler, openExportedUpscaler, type Upscaler } from "../../lib/networks/upscaler.js";
import { floats, ORACLES, type OracleTensor, readOracle, relativeError } from "../oracles/read-oracle.js";

const FOLDER = path.join(ORACLES, "upscalers");
const opened: Upscaler[] = [];
afterAll(async () => {
  for (const upscaler of opened) await upscaler.release();
});

async function load(name: string): Promise<Upscaler> {
  const files = await openUpscaler(path.join(FOLDER, name));
  const upscaler = "graph" in files ? await openExportedUpscaler(files.graph, 1) : createUpscaler(files.config, files.weights, 1);
  opened.push(upscaler);
  return upscaler;
}

function sizeOf(oracle: ReadonlyMap<string, OracleTensor>, key: string): { height: number; width: number } {
  const [, , height = 0, width = 0] = oracle.get(key)?.shape ?? [];
  return { height, width };
}

describe("what torch computes for the same weights", () => {
  test.each([
    ["rrdb-x4.safetensors", 4],
    ["rrdb-x4-2018.safetensors", 4],
    ["rrdb-x4-2019.safetensors", 4],
    ["rrdb-x2.safetensors", 2],
    ["compact-x4.safetensors", 4],
    ["compact-x2.safetensors", 2],
    ["compact-x2.onnx", 2],
  ])("%s", async (file, scale) => {
    const upscaler = await load(file);
    const oracle = readOracle(`../upscalers/${path.parse(file).name}.values`);
    const got = await upscaler.enlarge(floats(oracle, "picture"), sizeOf(oracle, "picture"));
    expect(upscaler.scale).toBe(scale);
    expect(got.length).toBe(floats(oracle, "enlarged").length);
    // Winograd is good for some 1e-5.
    expect(relativeError(got, floats(oracle, "enlarged"))).toBeLessThan(1e-4);
  });
});

test("weights that lie in memory give the same pixels as those in the file", async () => {
  const files = await openUpscaler(path.join(FOLDER, "compact-x4.safetensors"));
  if ("graph" in files) throw new Error("not a graph");
  const copied = new Map<string, TensorRef>();
  for (const key of files.weights.keys()) {
    const ref = files.weights.get(key)!;
    const bytes = readFileSync(ref.file).subarray(ref.offset - 2, ref.offset + ref.byteLength);
    copied.set(key, { ...ref, file: "nowhere", offset: 2, bytes });
  }
  const inMemory = createUpscaler(files.config, weightSource("memory", copied), 1);
  opened.push(inMemory);
  const oracle = readOracle("../upscalers/compact-x4.values");
  const [picture, size] = [floats(oracle, "picture"), sizeOf(oracle, "picture")];
  const expected = await (await load("compact-x4.safetensors")).enlarge(picture, size);
  expect(await inMemory.enlarge(picture, size)).toEqual(expected);
});

describe("by torch.save, the same pixels as from .safetensors", () => {
  test.each([
    ["compact-x2.pth", "compact-x2"],
    ["compact-x2-ema.pth", "compact-x2"],
    ["rrdb-x4-2018.pth", "rrdb-x4-2018"],
  ])("%s", async (file, same) => {
    const oracle = readOracle(`../upscalers/${same}.values`);
    const [picture, size] = [floats(oracle, "picture"), sizeOf(oracle, "picture")];
    const [got, expected] = [await load(file), await load(`${same}.safetensors`)];
    expect(await got.enlarge(picture, size)).toEqual(await expected.enlarge(picture, size));
  });
});

describe("an exported upscaler", () => {
  test("of one size says so", async () => {
    const upscaler = await load("compact-x2-fixed.onnx");
    expect(upscaler.pieceSize).toEqual({ height: 72, width: 72 });
    expect(upscaler.scale).toBe(2);
  });

  test("that is another network is refused with what it takes", async () => {
    const unet = path.join(ORACLES, "onnx-folder", "optimum", "unet", "model.onnx");
    await expect(openExportedUpscaler(unet, 1)).rejects.toMatchObject({
      code: "upscaler/unsupported",
      message: expect.stringContaining("is not an upscaler: it takes"),
    });
  });
});
