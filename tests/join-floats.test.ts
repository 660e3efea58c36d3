import { expect, test } from "@jest/globals";
import { joinFloats } from "../lib/join-floats.js";

test("parts stand one behind the other", () => {
  expect([...joinFloats([Float32Array.of(1, 2), Float32Array.of(3), new Float32Array(0), Float32Array.of(4)])]).toEqual([1, 2, 3, 4]);
});

test("nothing at all is an empty array", () => {
  expect(joinFloats([])).toHaveLength(0);
});
