import { expect, test } from "@jest/globals";
import { startingNoise } from "../../lib/pipeline/starting-noise.js";
import { perlinNoise } from "../../lib/random/perlin.js";
import { TorchCpuNoise } from "../../lib/random/torch-cpu-noise.js";

const EXTENT = { height: 64, width: 64 };
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
  const { normals } = startingNoise({ ...base, variations }, EXTENT);
  for (const [i, value] of expected.entries()) expect(Math.abs(normals[i]! - value)).toBeLessThan(5e-7);
});

test.each(["cpu", "cuda"] as const)("%s: the two ends of the weight are the two noises", (rng) => {
  const one = startingNoise({ rng, seed: 1, variations: [] }, EXTENT).normals;
  const other = startingNoise({ rng, seed: 2, variations: [] }, EXTENT).normals;
  expect(startingNoise({ rng, seed: 1, variations: [{ seed: 2, weight: 0 }] }, EXTENT).normals).toEqual(one);
  expect(startingNoise({ rng, seed: 1, variations: [{ seed: 2, weight: 1 }] }, EXTENT).normals).toEqual(other);
});

test("later draws go on in the generator of the last variation", () => {
  const variations = [
    { seed: 5, weight: 0.3 },
    { seed: 6, weight: 0.3 },
  ];
  const last = new TorchCpuNoise(6);
  last.normal(COUNT);
  expect(startingNoise({ ...base, variations }, EXTENT).noise.normal(64)).toEqual(last.normal(64));
});

test("without variations they go on in the seed's own generator", () => {
  const own = new TorchCpuNoise(base.seed);
  own.normal(COUNT);
  expect(startingNoise({ ...base, variations: [] }, EXTENT).noise.normal(64)).toEqual(own.normal(64));
});

// Printed by InvokeAI 2.3.5 on a processor.
test("a share of gradient noise replaces a share of the normals", () => {
  const { normals } = startingNoise({ rng: "cpu", seed: 42, variations: [], perlin: 0.3 }, EXTENT);
  for (const [i, value] of [1.34884071, 0.99489182, 0.567873, -1.51754832].entries()) expect(normals[i]).toBeCloseTo(value, 6);
});

test.each(["cpu", "cuda"] as const)("%s: with a share of 1 nothing is left of the normals, and the angles are the processor's", (rng) => {
  const angles = new TorchCpuNoise(42);
  if (rng === "cpu") angles.normal(COUNT);
  const { normals } = startingNoise({ rng, seed: 42, variations: [], perlin: 1 }, EXTENT);
  // A zero has no sign here.
  expect(normals.map((value) => value + 0)).toEqual(perlinNoise(angles, 4, 64, 64).map((value) => value + 0));
});

test("a share of 0 changes nothing, neither the noise nor what is drawn behind it", () => {
  const plain = startingNoise({ ...base, variations: [] }, EXTENT);
  const none = startingNoise({ ...base, variations: [], perlin: 0 }, EXTENT);
  expect(none.normals).toEqual(plain.normals);
  expect(none.noise.normal(64)).toEqual(plain.noise.normal(64));
});

test("gradient noise is drawn behind the normals, 81 angles a channel", () => {
  const own = new TorchCpuNoise(base.seed);
  own.normal(COUNT);
  own.uniform(4 * 81);
  expect(startingNoise({ ...base, variations: [], perlin: 0.5 }, EXTENT).noise.normal(64)).toEqual(own.normal(64));
});

test("the noises of variations are mixed with gradient noise, too", () => {
  const other = startingNoise({ rng: "cpu", seed: 7, variations: [], perlin: 0.5 }, EXTENT).normals;
  expect(startingNoise({ ...base, variations: [{ seed: 7, weight: 1 }], perlin: 0.5 }, EXTENT).normals).toEqual(other);
});
