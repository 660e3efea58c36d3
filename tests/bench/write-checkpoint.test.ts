import { expect, test } from "@jest/globals";
import { checkpointEntries, halfBits } from "./write-checkpoint.js";

test.each([
  ["model.diffusion_model.", 686, 859_520_964],
  ["first_stage_model.", 248, 83_653_863],
  ["cond_stage_model.", 196, 123_060_480],
])("%s has as many tensors and numbers as the published checkpoint", (prefix, tensors, numbers) => {
  const entries = checkpointEntries().filter(({ name }) => name.startsWith(prefix));
  expect(entries).toHaveLength(tensors);
  expect(entries.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0)).toBe(numbers);
});

test.each([
  [0, 0x0000],
  [1, 0x3c00],
  [-2, 0xc000],
  [0.1, 0x2e66],
  [2 ** -24, 0x0001],
  [1.5 * 2 ** -24, 0x0002],
  [2 ** -14, 0x0400],
  [1 + 2 ** -11, 0x3c00],
  [1 + 3 * 2 ** -11, 0x3c02],
])("half precision of %d", (value, bits) => {
  expect(halfBits(value)).toBe(bits);
});
