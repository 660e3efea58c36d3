import { expect, test } from "@jest/globals";
import { floats, integers, readOracle, relativeError } from "./read-oracle.js";

test.each(["sd1", "sd1-fp16", "sd1-bf16", "sd2", "sd2-fp16"])("%s: inputs and outputs of all three networks are there", (name) => {
  const oracle = readOracle(name);
  expect(integers(oracle, "text.tokens")).toHaveLength(2 * 77);
  expect(floats(oracle, "text.last")).toHaveLength(2 * 77 * 16);
  expect(oracle.get("unet.a.out")?.shape).toEqual([2, 4, 16, 24]);
  expect(oracle.get("vae.decoded")?.shape).toEqual([1, 3, 64, 128]);
  for (const { data } of oracle.values()) expect(data.every(Number.isFinite)).toBe(true);
});

test("the inpainting oracle has nine channels", () => {
  expect(readOracle("sd1-inpainting-fp16").get("unet.b.sample")?.shape).toEqual([2, 9, 8, 8]);
});

test("a name that is not there fails with the names that are", () => {
  expect(() => floats(readOracle("sd1"), "unet.c.out")).toThrow("unet.a.out");
});

test("relative error: largest difference over largest value, infinite when something is missing", () => {
  expect(relativeError([1, 2.5], [1, 2])).toBeCloseTo(0.25);
  expect(relativeError([1], [1, 2])).toBe(Number.POSITIVE_INFINITY);
  expect(relativeError([1, Number.NaN], [1, 2])).toBe(Number.POSITIVE_INFINITY);
});
