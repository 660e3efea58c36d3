import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { joinWeights, normalizeWeights, splitWeights } from "../../lib/prompt/split-weights.js";
import { processorTime } from "../support/processor-time.js";

/** Text, raw weights, normalised weights: values of InvokeAI 2.3. */
const CASES: readonly [string, readonly [string, number][], readonly number[]][] = [
  ["blue sphere:0.25 red cube:0.75 hybrid", [["blue sphere", 0.25], ["red cube", 0.75], ["hybrid", 1]], [0.125, 0.375, 0.5]], // biome-ignore format: a table
  ["a", [["a", 1]], [1]],
  ["a:1", [["a", 1]], [1]],
  ["a:", [["a", 1]], [1]],
  ["a::2", [["a", 2]], [1]],
  ["a:0", [["a", 0]], [1]],
  ["a:2 b:-1", [["a", 2], ["b", -1]], [2, -1]], // biome-ignore format: a table
  ["a:1 b:-1", [["a", 1], ["b", -1]], [0.5, 0.5]], // biome-ignore format: a table
  ["a\\:b:2 c", [["a:b", 2], ["c", 1]], [2 / 3, 1 / 3]], // biome-ignore format: a table
  ["a:.5 b", [["a", 1], [".5 b", 1]], [0.5, 0.5]], // biome-ignore format: a table
  ["a:2b", [["a", 2], ["b", 1]], [2 / 3, 1 / 3]], // biome-ignore format: a table
  ["12:30 clock", [["12", 30], ["clock", 1]], [30 / 31, 1 / 31]], // biome-ignore format: a table
  [" : a", [[" ", 1], ["a", 1]], [0.5, 0.5]], // biome-ignore format: a table
  ["http://x.y", [["http", 1], ["//x.y", 1]], [0.5, 0.5]], // biome-ignore format: a table
  ["::", [], []],
];

test.each(CASES)("%s", (text, raw, normalized) => {
  const parts = splitWeights(text);
  expect(parts.map((part) => [part.text, part.weight])).toEqual(raw);
  expect(normalizeWeights(parts).map(({ weight }) => weight)).toEqual(normalized.map((weight) => expect.closeTo(weight, 12)));
});

test("joined parts split into themselves", () => {
  const part = fc.record({
    text: fc.stringMatching(/^[a-z][a-z :{}"]{0,10}[a-z]$/),
    weight: fc.double({ min: -2, max: 2, noNaN: true }).map((weight) => Math.round(weight * 1e12) / 1e12 + 0),
  });
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 5 }), (parts) => expect(splitWeights(joinWeights(parts))).toEqual(parts)),
  );
});

test("a long row of colons or backslashes takes no time", () => {
  const time = processorTime(() => {
    for (const text of [":".repeat(100_000), "\\".repeat(100_000), "\\:".repeat(50_000), `${"a".repeat(100_000)}:`]) splitWeights(text);
  });
  expect(time).toBeLessThan(1000);
});
