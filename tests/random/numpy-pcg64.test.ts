import { expect, test } from "@jest/globals";
import { NumpyPcg64 } from "../../lib/random/numpy-pcg64.js";

/** `numpy.random.default_rng(seed).choice(end, count)`, numpy 2.4.6. */
test.each([
  [0, 7, [5, 4, 3, 1, 2, 0, 0, 0, 1, 5, 4, 6]],
  [42, 7, [0, 5, 4, 3, 3, 6, 0, 4, 1, 0, 3, 6]],
  [4294967295, 7, [1, 1, 5, 1, 6, 2, 1, 4, 4, 6, 0, 2]],
  [0, 1000, [850, 636, 511, 269, 307, 40]],
  [42, 1000, [89, 773, 654, 438, 433, 858]],
  [4294967295, 1000, [190, 251, 724, 219, 909, 287]],
])("seed %i below %i draws what numpy draws", (seed, end, expected) => {
  const source = new NumpyPcg64(seed);
  expect(expected.map(() => source.below(end))).toEqual(expected);
});

test("a choice of one needs no draw", () => {
  const source = new NumpyPcg64(42);
  expect(source.below(1)).toBe(0);
  expect(source.below(7)).toBe(0);
  expect(source.below(7)).toBe(5);
});
