import { expect, test } from "@jest/globals";
import { applyThreshold, limitAt } from "../../lib/pipeline/threshold.js";
import { TorchCpuNoise } from "../../lib/random/torch-cpu-noise.js";

/** Gives these shares, and remembers how many were asked for. */
function shares(...values: readonly number[]) {
  const asked: number[] = [];
  let next = 0;
  const uniform = (count: number) => {
    asked.push(count);
    return Float32Array.from({ length: count }, () => values[next++] ?? Number.NaN);
  };
  return { asked, noise: { uniform, normal: () => new Float32Array(0) } };
}

test.each([
  [1, 10, 6],
  [2, 10, 3.5],
  [3, 10, 1],
  [10, 10, 1],
  [1, 1, 6],
  [4, 20, 2.25],
])("behind step %i of %i a limit of 1 is %d", (step, total, expected) => {
  expect(limitAt(1, { step, total })).toBeCloseTo(expected, 12);
});

test.each([
  ["values within the limit stay", [1.9, -2, 0], 2, [], [1.9, -2, 0]],
  // 0.7 · 2.5 = 1.75: that and everything above it.
  ["what is too large becomes a share of 0.7 of the largest", [1.8, 2.5, 1.7, -1], 2, [0.5, 0.25], [0.875, 0.4375, 1.7, -1]],
  ["in the same way below zero", [-1.8, -2.5, -1.7, 1], 2, [0.5, 0.25], [-0.875, -0.4375, -1.7, 1]],
  ["never more than the limit", [10, 2.5, 1], 2, [0.5, 0.75], [1, 1.5, 1]],
  ["values above 1 alone where 0.7 of the largest is below it", [1.25, 1.1, 0.9], 1.2, [0.5, 0.25], [0.5, 0.25, 0.9]],
  ["a limit below 1 holds above zero and is 1 below it", [0.75, -0.75, -1.5], 0.5, [0.5, 0.5], [0.25, -0.75, -0.5]],
  ["both sides, the upper one first", [4, -4], 2, [0.25, 0.75], [0.5, -1.5]],
])("%s", (_, values, limit, drawn, expected) => {
  const latents = Float32Array.from(values);
  const { noise, asked } = shares(...drawn);
  applyThreshold(latents, limit, noise);
  for (const [i, value] of expected.entries()) expect(latents[i]).toBeCloseTo(value, 6);
  expect(asked.reduce((sum, count) => sum + count, 0)).toBe(drawn.length);
});

test("the sampler's generator is drawn from, once for every value that is replaced", () => {
  const latents = Float32Array.of(5, 0, 4, -1);
  const source = new TorchCpuNoise(8);
  applyThreshold(latents, 2, source);
  const reference = new TorchCpuNoise(8);
  const [first, second] = reference.uniform(2);
  expect([...latents]).toEqual([Math.fround(first! * 2), 0, Math.fround(second! * 2), -1]);
  expect(source.uniform(1)).toEqual(reference.uniform(1));
});
