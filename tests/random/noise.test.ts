import { expect, test } from "@jest/globals";
import { createNoiseSource } from "../../lib/random/create-noise-source.js";
import { slerp } from "../../lib/random/slerp.js";
import { TorchCpuNoise } from "../../lib/random/torch-cpu-noise.js";

const LATENTS = 4 * 64 * 64;

function expectClose(got: Iterable<number>, expected: readonly number[], tolerance = 1e-6): void {
  const values = [...got];
  expect(values).toHaveLength(expected.length);
  for (const [i, value] of values.entries()) expect(Math.abs(value - expected[i]!)).toBeLessThanOrEqual(tolerance);
}

// Anchors printed by torch itself.
test("seed 42 gives torch's 512x512 starting noise", () => {
  const noise = new TorchCpuNoise(42).normal(LATENTS);
  expectClose(noise.slice(0, 4), [1.92691529, 1.48728406, 0.9007172, -2.10552096]);
  expectClose(noise.slice(-2), [0.97280973, -0.2934061]);
  expect(noise.reduce((sum, value) => sum + value, 0)).toBeCloseTo(149.76482, 3);
});

test("seed 1592514025 gives torch's 384x384 starting noise", () => {
  expectClose(new TorchCpuNoise(1592514025).normal(4 * 48 * 48).slice(0, 4), [-0.19285788, 0.61777049, -0.82403493, -1.05215478]);
});

test("fewer than 16 values take the scalar path and keep its spare for the next draw", () => {
  const expected = [1.541, -0.2934, -2.1788, 0.5684, -1.0845, -1.3986];
  expectClose(new TorchCpuNoise(0).normal(6), expected, 5e-5);
  const source = new TorchCpuNoise(0);
  expectClose([...source.normal(1), ...source.normal(3), ...source.normal(2)], expected, 5e-5);
});

test("a ragged end is drawn anew", () => {
  expectClose(new TorchCpuNoise(0).normal(20).slice(-4), [0.9318, 1.259, 2.005, 0.0537], 5e-5);
  const thirtySix = new TorchCpuNoise(0).normal(36);
  expectClose(thirtySix.slice(-4), [1.2032, 0.0845, -1.2001, -0.0048], 5e-5);
});

test("the CUDA generator gives torch's numbers for seed 0", () => {
  const expected = [
    -0.92466259, -0.42534415, -2.6438457, 0.14518388, -0.12086647, -0.57972564, -0.62285122, -0.32838709, -1.07454231, -0.36314407,
    -1.67105067, 2.26550497,
  ];
  expectClose(createNoiseSource("cuda", 0).normal(12), expected);
});

test.each(["cpu", "cuda"] as const)("%s: draws of one source go on where the last one stopped", (rng) => {
  const source = createNoiseSource(rng, 7);
  const first = source.normal(64);
  const second = source.normal(64);
  expect(second).not.toEqual(first);
  expect(createNoiseSource(rng, 7).normal(64)).toEqual(first);
});

test("a seed above 2^32 counts by its low 32 bits, as in torch", () => {
  expect(new TorchCpuNoise(2 ** 32 + 5).normal(32)).toEqual(new TorchCpuNoise(5).normal(32));
});

test("slerp of parallel noises is the straight mixture", () => {
  expectClose(slerp(0.25, Float32Array.of(1, 2), Float32Array.of(2, 4)), [1.25, 2.5]);
});
