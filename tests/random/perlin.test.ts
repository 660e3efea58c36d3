import { expect, test } from "@jest/globals";
import { perlinNoise } from "../../lib/random/perlin.js";
import { TorchCpuNoise } from "../../lib/random/torch-cpu-noise.js";

/** Behind the normals of a 512×512 picture, as in a run. */
function anglesBehindNormals(seed: number): TorchCpuNoise {
  const source = new TorchCpuNoise(seed);
  source.normal(4 * 64 * 64);
  return source;
}

// Printed by InvokeAI 2.3.5.
test("seed 42 gives the reference's first row", () => {
  const row = perlinNoise(anglesBehindNormals(42), 4, 64, 64).slice(0, 5);
  for (const [i, value] of [0, -0.15402338, -0.20876336, -0.14561214, -0.0071194].entries()) expect(row[i]).toBeCloseTo(value, 6);
});

test("corners of cells are 0, and the next cell begins there", () => {
  const noise = perlinNoise(anglesBehindNormals(1), 1, 16, 24);
  for (let y = 0; y < 16; y += 2) {
    for (let x = 0; x < 24; x += 3) expect(noise[y * 24 + x]).toBeCloseTo(0, 12);
  }
  expect(noise[1]).not.toBeCloseTo(0, 3);
});

test("a gradient that points along the row rises along it", () => {
  // A quarter turn is "along": every corner slopes the same way, so each cell repeats the first.
  const east = { uniform: (count: number) => new Float32Array(count).fill(0.25) };
  const noise = perlinNoise(east, 1, 32, 32);
  const fade = (t: number) => 6 * t ** 5 - 15 * t ** 4 + 10 * t ** 3;
  for (const x of [0, 1, 2, 3]) {
    const t = x / 4;
    for (const at of [x, x + 4, 32 * 5 + x]) expect(noise[at]).toBeCloseTo(Math.SQRT2 * (t - fade(t)), 6);
  }
});

test("sides that are no multiple of 8 are cut from the next larger one", () => {
  const whole = perlinNoise(anglesBehindNormals(9), 2, 16, 24);
  const cut = perlinNoise(anglesBehindNormals(9), 2, 13, 19);
  for (const channel of [0, 1]) {
    for (let y = 0; y < 13; y++) {
      const from = channel * 16 * 24 + y * 24;
      expect(cut.slice((channel * 13 + y) * 19, (channel * 13 + y + 1) * 19)).toEqual(whole.slice(from, from + 19));
    }
  }
});

test("channels are drawn one after the other and differ", () => {
  const both = perlinNoise(anglesBehindNormals(3), 2, 8, 8);
  const source = anglesBehindNormals(3);
  source.uniform(81);
  expect(both.slice(64)).toEqual(perlinNoise(source, 1, 8, 8));
  expect(both.slice(64)).not.toEqual(both.slice(0, 64));
});
