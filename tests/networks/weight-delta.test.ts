import { expect, test } from "@jest/globals";
import { addDelta, type Factors, sumOfProducts, type WeightDelta } from "../../lib/networks/weight-delta.js";
import { relativeError } from "../oracles/read-oracle.js";
import { sampleNumbers } from "../support/tiny-source.js";

const [OUTPUTS, INPUTS] = [6, 8];

function factors(rank: number, seed: number): Factors {
  return { rank, up: sampleNumbers(OUTPUTS * rank, seed), down: sampleNumbers(rank * INPUTS, seed + 1) };
}

function entry({ rank, up, down }: Factors, o: number, i: number): number {
  return Array.from({ length: rank }, (_, r) => up[o * rank + r]! * down[r * INPUTS + i]!).reduce((sum, part) => sum + part, 0);
}

/** The weight with a delta, by the definition of each entry. */
function expected(weight: Float32Array, change: (o: number, i: number) => number): number[] {
  return Array.from(weight, (value, at) => value + change(Math.floor(at / INPUTS), at % INPUTS));
}

const [one, other] = [factors(6, 3), factors(3, 5)];
const left = { rows: 2, columns: 4, values: sampleNumbers(8, 7) };
const right = { rows: 3, columns: 2, values: sampleNumbers(6, 9) };

test.each<[WeightDelta, (o: number, i: number) => number]>([
  [{ kind: "product", ...one, scale: -0.5 }, (o, i) => -0.5 * entry(one, o, i)],
  [{ kind: "hadamard", first: one, second: other, scale: 2 }, (o, i) => 2 * entry(one, o, i) * entry(other, o, i)],
  [
    { kind: "kronecker", left, right, scale: 0.7 },
    (o, i) => 0.7 * left.values[Math.floor(o / 3) * 4 + Math.floor(i / 2)]! * right.values[(o % 3) * 2 + (i % 2)]!,
  ],
])("adds $kind", (delta, change) => {
  const weight = sampleNumbers(OUTPUTS * INPUTS, 1);
  const before = expected(weight, change);
  addDelta(weight, OUTPUTS, delta);
  expect(relativeError(weight, before)).toBeLessThan(1e-6);
});

test("the sum of products is one product, also of some rows", () => {
  const deltas = [
    { kind: "product", ...one, scale: -0.5 },
    { kind: "product", ...other, scale: 2 },
  ] as const;
  const sum = sumOfProducts(deltas, OUTPUTS, 2, 5);
  expect(sum.rank).toBe(9);
  const rows = new Float32Array(3 * INPUTS);
  const wanted = expected(rows, (o, i) => -0.5 * entry(one, o + 2, i) + 2 * entry(other, o + 2, i));
  addDelta(rows, 3, sum);
  expect(relativeError(rows, wanted)).toBeLessThan(1e-6);
});
