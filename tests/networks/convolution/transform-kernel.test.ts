import { expect, test } from "@jest/globals";
import { halfKernelTransform, kernelTransform } from "../../../lib/networks/convolution/transform-kernel.js";

/** G of Lavin and Gray, https://arxiv.org/abs/1509.09308. */
const G = {
  winograd2: [
    [1, 0, 0],
    [1 / 2, 1 / 2, 1 / 2],
    [1 / 2, -1 / 2, 1 / 2],
    [0, 0, 1],
  ],
  winograd4: [
    [1 / 4, 0, 0],
    [-1 / 6, -1 / 6, -1 / 6],
    [-1 / 6, 1 / 6, -1 / 6],
    [1 / 24, 1 / 12, 1 / 6],
    [1 / 24, -1 / 12, 1 / 6],
    [0, 0, 1],
  ],
};
const [OUT, IN] = [7, 43];
const COUNT = OUT * IN;
const kernels = Float32Array.from({ length: COUNT * 9 }, (_, i) => Math.sin(i * i));
const tap = (kernel: number, row: number, column: number) => kernels[kernel * 9 + row * 3 + column] as number;

/** The parts in which a kernel comes; none is a multiple of the block or of a row of channels. */
function transformInParts(form: Parameters<typeof kernelTransform>[0]): Float32Array {
  const { result, add } = kernelTransform(form, OUT, IN);
  for (const [from, to] of [
    [0, 5],
    [5, 211],
    [211, COUNT],
  ] as const) {
    add(kernels.subarray(from * 9, to * 9), from);
  }
  return result;
}

test.each(["winograd2", "winograd4"] as const)("%s is G g Gᵀ, place by place", (form) => {
  const matrix = G[form];
  const expected = matrix.flatMap((left) =>
    matrix.flatMap((right) =>
      Array.from({ length: COUNT }, (_, kernel) => {
        let sum = 0;
        for (let row = 0; row < 3; row++)
          for (let column = 0; column < 3; column++) sum += left[row]! * right[column]! * tap(kernel, row, column);
        return sum;
      }),
    ),
  );
  const result = transformInParts(form);
  expect(result).toHaveLength(expected.length);
  for (const [i, value] of expected.entries()) expect(Math.abs(result[i]! - value)).toBeLessThan(2e-7);
});

test("im2col has the nine taps of an output together, channel by channel", () => {
  const result = transformInParts("im2col");
  for (const [out, position, channel] of [
    [0, 0, 0],
    [3, 8, 42],
    [6, 5, 1],
  ] as const) {
    expect(result[(out * 9 + position) * IN + channel]).toBe(kernels[(out * IN + channel) * 9 + position]);
  }
});

test("taps-first has the nine taps one after the other", () => {
  const result = transformInParts("taps-first");
  for (const [kernel, position] of [
    [0, 0],
    [212, 4],
    [COUNT - 1, 8],
  ] as const) {
    expect(result[position * COUNT + kernel]).toBe(kernels[kernel * 9 + position]);
  }
});

test("half-precision kernels are only moved", () => {
  const bits = Uint16Array.from({ length: COUNT * 9 }, (_, i) => i);
  const { result, add } = halfKernelTransform(OUT, IN);
  add(bits, 0);
  expect(result[(4 * 9 + 7) * IN + 11]).toBe((4 * IN + 11) * 9 + 7);
});
