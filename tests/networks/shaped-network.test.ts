import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import type { WeightSource } from "../../lib/checkpoints/tensor.js";
import { convolution3x3 } from "../../lib/networks/convolution/convolution.js";
import { NetworkBuilder } from "../../lib/networks/network-builder.js";
import { ShapedNetwork } from "../../lib/networks/shaped-network.js";
import { WeightCache } from "../../lib/networks/weight-cache.js";
import type { WeightDelta, WeightDeltas } from "../../lib/networks/weight-delta.js";
import { temporaryFolder } from "../support/temporary-folder.js";
import { sampleNumbers, sampleTensors, writeSource } from "../support/tiny-source.js";

const folder = await temporaryFolder();
const root = join(await temporaryFolder(), "cache");
const shapes = { "one.weight": [3, 3, 3, 3], "one.bias": [3], "two.weight": [3, 3, 3, 3], "two.bias": [3], "last.weight": [4, 3] };
const source = await writeSource(folder, "model.safetensors", sampleTensors(shapes));
const cache = await WeightCache.open(root, [join(folder, "model.safetensors")]);
const product = (outputs: number, inputs: number): WeightDelta => {
  return { kind: "product", rank: 2, up: sampleNumbers(outputs * 2, 3), down: sampleNumbers(2 * inputs, 4), scale: 0.5 };
};
const kronecker: WeightDelta = {
  kind: "kronecker",
  left: { rows: 2, columns: 3, values: sampleNumbers(6, 5) },
  right: { rows: 2, columns: 1, values: sampleNumbers(2, 6) },
  scale: 1,
};

/** Two convolutions over 4×4 pixels, then the halves of a linear layer in the other order. */
const build = (deltas?: WeightDeltas) => (weights: WeightSource) => {
  const net = new NetworkBuilder("test", weights, {
    convolutions: () => ({ kind: "winograd", outputTile: 2 }),
    seamless: "",
    bandBytes: 1e6,
    deltas,
  });
  const rows = net.ops.graph.input("rows", "float32", [16, 3]);
  let x = { rows, batch: 1, height: 4, width: 4, channels: 3 };
  for (const layer of ["one", "two"]) x = convolution3x3(net, x, layer, { outChannels: 3 });
  const half = (from: number) => net.ops.gemm(x.rows, net.weights.rows("last.weight", [4, 3], from, from + 2));
  net.ops.graph.output(net.ops.add(net.ops.concat([half(2), half(0)], 1), net.linear(x.rows, "last", 4, false)));
  return net.build();
};

const input = { rows: { data: sampleNumbers(48, 9), shape: [16, 3] } };
const options = { name: "unet", source, threads: 1, releaseScratch: false, onNotice: () => undefined, capacity: 2 };

async function stateOfCache(): Promise<string[]> {
  const [entry = ""] = await readdir(root);
  const names = (await readdir(join(root, entry))).sort();
  return Promise.all(
    names.map(
      async (name) =>
        `${name} ${createHash("sha256")
          .update(await readFile(join(root, entry, name)))
          .digest("hex")}`,
    ),
  );
}

test.each<[string, WeightDeltas]>([
  [
    "products in a kernel and a matrix",
    new Map([
      ["two", [product(3, 27)]],
      ["last", [product(4, 3), product(4, 3)]],
    ]),
  ],
  ["a Kronecker product in a matrix", new Map([["last", [kronecker, product(4, 3)]]])],
])("%s: the same with and without a cache, which never sees them", async (_what, deltas) => {
  const plain = { cached: new ShapedNetwork({ ...options, cache }), inPlace: new ShapedNetwork(options) };
  const before = await plain.cached.run("a", build(), input);
  expect(await plain.inPlace.run("a", build(), input)).toEqual(before);
  const stored = await stateOfCache();

  const changed = { cached: plain.cached.changedBy(deltas), inPlace: plain.inPlace.changedBy(deltas) };
  const after = await changed.inPlace.run("a", build(deltas), input);
  expect(after).not.toEqual(before);
  expect(await changed.cached.run("a", build(deltas), input)).toEqual(after);
  expect(await stateOfCache()).toEqual(stored);
  expect(await plain.cached.run("a", build(), input)).toEqual(before);
  expect(await plain.inPlace.run("a", build(), input)).toEqual(before);
  for (const network of [...Object.values(plain), ...Object.values(changed)]) await network.release();
});
