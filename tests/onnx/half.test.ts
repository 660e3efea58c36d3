import { expect, test } from "@jest/globals";
import { toFloat32 } from "../../lib/checkpoints/read-tensor.js";
import { toHalf } from "../../lib/onnx/half.js";

function widen(half: Uint16Array): Float32Array {
  return toFloat32(new Uint8Array(half.buffer), "F16");
}

test("every half survives the way to float32 and back", () => {
  const all = Uint16Array.from({ length: 0x10000 }, (_, bits) => bits);
  const back = toHalf(widen(all));
  const wrong = [...all].filter((bits) => back[bits] !== bits && (bits & 0x7fff) <= 0x7c00);
  expect(wrong).toEqual([]);
  expect(widen(toHalf([Number.NaN]))[0]).toBeNaN();
});

// Halves between 1 and 2 are 2⁻¹⁰ apart, the smallest ones 2⁻²⁴.
test.each([
  [1 + 2 ** -11, 1],
  [1 + 3 * 2 ** -11, 1 + 2 ** -9],
  [1 + 2 ** -11 + 2 ** -20, 1 + 2 ** -10],
  [2 ** -25, 0],
  [3 * 2 ** -25, 2 ** -23],
  [65519, 65504],
  [65520, Number.POSITIVE_INFINITY],
  [-1e9, Number.NEGATIVE_INFINITY],
])("%d is rounded to the nearest half, ties to even: %d", (value, expected) => {
  expect(widen(toHalf([value]))[0]).toBe(expected);
});
