import { expect, test } from "@jest/globals";
import { toFloat32 } from "../../lib/checkpoints/read-tensor.js";

/** Value of a float16 by its definition (IEEE 754-2008, binary16). */
function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

test("every float16 is widened exactly", () => {
  const bits = Uint16Array.from({ length: 0x10000 }, (_, i) => i);
  const values = toFloat32(new Uint8Array(bits.buffer), "F16");
  const wrong = [...values].findIndex((value, i) => !Object.is(value, half(i)));
  expect(wrong).toBe(-1);
});

test("bfloat16 is the upper half of a float32, at any alignment", () => {
  const bytes = new Uint8Array([0xff, 0x80, 0x3f, 0x00, 0xc0, 0x80, 0x7f]).subarray(1);
  expect([...toFloat32(bytes, "BF16")]).toEqual([1, -2, Number.POSITIVE_INFINITY]);
});

test("float64 is rounded to the nearest float32", () => {
  const bytes = new Uint8Array(new Float64Array([0.1, 1e-50]).buffer);
  expect([...toFloat32(bytes, "F64")]).toEqual([Math.fround(0.1), 0]);
});
