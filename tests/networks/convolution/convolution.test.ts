import { describe, expect, test } from "@jest/globals";
import { convolution3x3 } from "../../../lib/networks/convolution/convolution.js";
import type { ConvolutionForm } from "../../../lib/networks/convolution/policy.js";
import { KernelStore } from "../../../lib/networks/kernel-store.js";
import { type BuildOptions, NetworkBuilder } from "../../../lib/networks/network-builder.js";
import { GraphSession } from "../../../lib/onnx/session.js";
import { relativeError } from "../../oracles/read-oracle.js";
import { temporaryFolder } from "../../support/temporary-folder.js";
import { sampleNumbers, sampleTensors, writeSource } from "../../support/tiny-source.js";

interface Case {
  readonly batch: number;
  readonly height: number;
  readonly width: number;
  readonly inputs: number;
  readonly outputs: number;
  readonly stride?: 1 | 2;
  readonly upsample?: 1 | 2;
  readonly padStart?: 0 | 1;
  readonly seamless?: BuildOptions["seamless"];
}

const FORMS: Readonly<Record<string, ConvolutionForm>> = {
  "Winograd F(2,3)": { kind: "winograd", outputTile: 2 },
  "Winograd F(4,3)": { kind: "winograd", outputTile: 4 },
  im2col: { kind: "im2col" },
  "im2col with half-precision weights": { kind: "im2col", half: true },
  "taps first": { kind: "taps-first" },
};

const PLAIN: readonly Case[] = [
  { batch: 1, height: 8, width: 8, inputs: 5, outputs: 6 },
  { batch: 2, height: 6, width: 10, inputs: 4, outputs: 3 },
  { batch: 2, height: 9, width: 7, inputs: 3, outputs: 4 },
  { batch: 2, height: 4, width: 6, inputs: 4, outputs: 4, upsample: 2 },
  { batch: 2, height: 8, width: 6, inputs: 3, outputs: 4, seamless: "x" },
  { batch: 2, height: 8, width: 6, inputs: 3, outputs: 4, seamless: "y" },
  { batch: 2, height: 5, width: 6, inputs: 3, outputs: 4, seamless: "xy" },
  { batch: 1, height: 4, width: 4, inputs: 3, outputs: 4, seamless: "xy", upsample: 2 },
];

const STRIDED: readonly Case[] = [
  { batch: 2, height: 8, width: 6, inputs: 3, outputs: 4, stride: 2 },
  { batch: 1, height: 8, width: 6, inputs: 3, outputs: 4, stride: 2, padStart: 0 },
  { batch: 1, height: 8, width: 6, inputs: 3, outputs: 4, stride: 2, seamless: "xy" },
];

const folder = await temporaryFolder();

describe.each(Object.entries(FORMS))("%s equals the definition", (name, form) => {
  const tolerance = name.includes("half") ? 2e-3 : 1e-5;
  const cases = form.kind === "im2col" ? [...PLAIN, ...STRIDED] : PLAIN;
  test.each(cases.map((one) => [JSON.stringify(one), one] as const))("%s", async (_, one) => {
    // Bands of 1 kB: every case is cut into several.
    for (const bandBytes of [1e3, 1e9]) {
      const { got, expected } = await convolve(one, form, bandBytes);
      expect(relativeError(got, expected)).toBeLessThan(tolerance);
    }
  });
});

async function convolve(one: Case, form: ConvolutionForm, bandBytes: number) {
  const { batch, height, width, inputs, outputs, stride, upsample, padStart, seamless = "" } = one;
  const tensors = sampleTensors({ "conv.weight": [outputs, inputs, 3, 3], "conv.bias": [outputs] });
  const source = await writeSource(folder, `${JSON.stringify(one).replace(/\W/g, "")}.safetensors`, tensors);
  const net = new NetworkBuilder("test", source, { convolutions: () => form, seamless, bandBytes });
  const rows = net.ops.graph.input("rows", "float32", [batch * height * width, inputs]);
  const output = convolution3x3(net, { rows, batch, height, width, channels: inputs }, "conv", {
    outChannels: outputs,
    stride,
    upsample,
    padStart,
  });
  net.ops.graph.output(output.rows);
  const { model, computedInputs } = net.build();
  const session = await GraphSession.create(model, { folder: source.folder, threads: 1 });
  const data = sampleNumbers(batch * height * width * inputs);
  const kernels = await new KernelStore(source, 1).feeds(computedInputs);
  const got = await session.run({ rows: { data, shape: rows.shape }, ...kernels });
  await session.release();
  return { got, expected: byDefinition(one, data, tensors["conv.weight"]!.values, tensors["conv.bias"]!.values) };
}

/** The sum over nine taps and all input channels, written out. */
function byDefinition(one: Case, rows: Float32Array, weight: Float32Array, bias: Float32Array): number[] {
  const { batch, inputs, outputs, stride = 1, upsample = 1, padStart = 1, seamless = "" } = one;
  const [height, width] = [one.height * upsample, one.width * upsample];
  const result: number[] = [];
  for (let image = 0; image < batch; image++) {
    for (let y = 0; y < height; y += stride) {
      for (let x = 0; x < width; x += stride) {
        for (let o = 0; o < outputs; o++) {
          let sum = bias[o]!;
          for (let tap = 0; tap < 9; tap++) {
            let row = y - padStart + Math.floor(tap / 3);
            let column = x - padStart + (tap % 3);
            if (seamless.includes("y")) row = (row + height) % height;
            if (seamless.includes("x")) column = (column + width) % width;
            if (row < 0 || row >= height || column < 0 || column >= width) continue;
            const pixel = (image * one.height + Math.floor(row / upsample)) * one.width + Math.floor(column / upsample);
            for (let i = 0; i < inputs; i++) sum += rows[pixel * inputs + i]! * weight[(o * inputs + i) * 9 + tap]!;
          }
          result.push(sum);
        }
      }
    }
  }
  return result;
}
