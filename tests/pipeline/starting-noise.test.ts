import { expect, test } from "@jest/globals";
import { startingNoise } from "../../lib/pipeline/starting-noise.js";
import { TorchCpuNoise } from "../../lib/random/torch-cpu-noise.js";

const COUNT = 4 * 64 * 64;
const base = { rng: "cpu", seed: 3357757885 } as const;

// Printed by the original project.
test.each([
  [[{ seed: 784039624, weight: 0.2 }], [1.41261077, 1.08158207, 0.19855535, -1.31112635]],
  [
    [
      { seed: 3647897225, weight: 0.1 },
      { seed: 1614299449, weight: 0.1 },
    ],
    [1.03636301, 0.3485896, 0.18337095, -1.29717088],
  ],
])("variations %j are mixed in order", (variations, expected) => {
  const { normals } = startingNoise({ ...base, variations }, COUNT);
  for (const [i, value] of expected.entries()) expect(Math.abs(normals[i]! - value)).toBeLessThan(5e-7);
});

test.each(["cpu", "cuda"] as const)("%s: the two ends of the weight are the two noises", (rng) => {
  const one = startingNoise({ rng, seed: 1, variations: [] }, COUNT).normals;
  const other = startingNoise({ rng, seed: 2, variations: [] }, COUNT).normals;
  expect(startingNoise({ rng, seed: 1, variations: [{ seed: 2, weight: 0 }] }, COUNT).normals).toEqual(one);
  expect(startingNoise({ rng, seed: 1, variations: [{ seed: 2, weight: 1 }] }, COUNT).normals).toEqual(other);
});

test("later draws go on in the generator of the last variation", () => {
  const variations = [
    { seed: 5, weight: 0.3 },
    { seed: 6, weight: 0.3 },
  ];
  const last = new TorchCpuNoise(6);
  last.normal(COUNT);
  expect(startingNoise({ ...base, variations }, COUNT).noise.normal(64)).toEqual(last.normal(64));
});

test("without variations they go on in the seed's own generator", () => {
  const own = new TorchCpuNoise(base.seed);
  own.normal(COUNT);
  expect(startingNoise({ ...base, variations: [] }, COUNT).noise.normal(64)).toEqual(own.normal(64));
});
