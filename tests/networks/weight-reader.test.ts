import { expect, test } from "@jest/globals";
import type { WeightSource } from "../../lib/checkpoints/tensor.js";
import { computeWeights } from "../../lib/networks/kernel-store.js";
import { NetworkBuilder } from "../../lib/networks/network-builder.js";
import type { WeightDeltas } from "../../lib/networks/weight-delta.js";
import { GraphSession } from "../../lib/onnx/session.js";
import { relativeError } from "../oracles/read-oracle.js";
import { temporaryFolder } from "../support/temporary-folder.js";
import { sampleNumbers, sampleTensors, writeSource } from "../support/tiny-source.js";

const folder = await temporaryFolder();
const tensors = sampleTensors({ "layer.weight": [4, 3], "layer.bias": [4] });
const source = await writeSource(folder, "layer.safetensors", tensors);

function builder(weights: WeightSource, deltas?: WeightDeltas): NetworkBuilder {
  return new NetworkBuilder("test", weights, { convolutions: () => ({ kind: "im2col" }), seamless: "", bandBytes: 1e6, deltas });
}

async function runLayer(net: NetworkBuilder, outputs: number, x: Float32Array): Promise<Float32Array> {
  const input = net.ops.graph.input("x", "float32", [1, 3]);
  net.ops.graph.output(net.linear(input, "layer", outputs));
  const session = await GraphSession.create(net.build().model, { folder, threads: 1 });
  try {
    return await session.run({ x: { data: x, shape: [1, 3] } });
  } finally {
    await session.release();
  }
}

test("a missing key names the file, the key and the expected shape", () => {
  const net = builder(source);
  expect(() => net.weights.tensor("other.weight", [4, 3])).toThrow(`${source.origin} has no tensor other.weight (expected [4, 3])`);
});

test("a wrong shape names the shape found and the shape expected", () => {
  const net = builder(source);
  expect(() => net.weights.tensor("layer.weight", [3, 4])).toThrow("layer.weight has the shape [4, 3], expected [3, 4]");
});

test("a key that no layer asked for is named with its shape", () => {
  const net = builder(source);
  net.weights.tensor("layer.weight", [4, 3]);
  expect(() => net.build()).toThrow("holds layer.bias [4], which this network does not have");
});

test("trailing extents of one may be left out", () => {
  expect(() => builder(source).weights.tensor("layer.weight", [4, 3, 1, 1])).not.toThrow();
});

test("an integer tensor is refused with its type", async () => {
  const integers = await writeSource(folder, "integers.safetensors", { "layer.weight": { dtype: "I32", shape: [4, 3] } });
  expect(() => builder(integers).weights.tensor("layer.weight", [4, 3])).toThrow("layer.weight is stored as I32, which is not supported");
});

test("deltas change a linear layer as W + scale · up · down", async () => {
  const [up, down] = [sampleNumbers(4 * 2, 3), sampleNumbers(2 * 3, 5)];
  const deltas: WeightDeltas = new Map([["layer", [{ kind: "product", rank: 2, up, down, scale: 0.5 }]]]);
  const x = sampleNumbers(3, 11);
  const expected = Array.from({ length: 4 }, (_, o) => {
    let sum = tensors["layer.bias"]!.values[o]!;
    for (let i = 0; i < 3; i++) {
      const change = up[o * 2]! * down[i]! + up[o * 2 + 1]! * down[3 + i]!;
      sum += (tensors["layer.weight"]!.values[o * 3 + i]! + 0.5 * change) * x[i]!;
    }
    return sum;
  });
  expect(relativeError(await runLayer(builder(source, deltas), 4, x), expected)).toBeLessThan(1e-6);
});

test("deltas change a convolution kernel before it is transformed", async () => {
  const kernel = sampleTensors({ "conv.weight": [2, 3, 3, 3] });
  const convolution = await writeSource(folder, "conv.safetensors", kernel);
  const [up, down] = [sampleNumbers(2, 3), sampleNumbers(27, 5)];
  const deltas: WeightDeltas = new Map([["conv", [{ kind: "product", rank: 1, up, down, scale: 2 }]]]);
  const request = { name: "k", key: "conv.weight", shape: [2, 3, 3, 3], form: "im2col" } as const;
  for await (const [, { data }] of computeWeights([request], convolution, 1, { deltas })) {
    const expected = Array.from({ length: 54 }, (_, at) => {
      const [o, tap, i] = [Math.floor(at / 27), Math.floor((at % 27) / 3), at % 3];
      return kernel["conv.weight"]!.values[(o * 3 + i) * 9 + tap]! + 2 * up[o]! * down[i * 9 + tap]!;
    });
    expect(relativeError(data, expected)).toBeLessThan(1e-6);
  }
});
