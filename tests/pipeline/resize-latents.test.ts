import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { resizeLatents } from "../../lib/pipeline/resize-latents.js";
import { ORACLES } from "../oracles/read-oracle.js";

/** Written by tests/oracles/hires/make.py. */
interface ResizeCase {
  readonly from: readonly [height: number, width: number];
  readonly to: readonly [height: number, width: number];
  readonly given: readonly number[];
  readonly expected: readonly number[];
}

const cases = JSON.parse(readFileSync(join(ORACLES, "hires", "resize.json"), "utf8")) as readonly ResizeCase[];
const extent = ([height, width]: readonly [number, number]) => ({ height, width });

test.each(cases)("$from to $to is what torch interpolates", ({ from, to, given, expected }) => {
  const resized = resizeLatents(Float32Array.from(given), extent(from), extent(to));
  expect(resized).toHaveLength(expected.length);
  for (const [i, value] of expected.entries()) expect(Math.abs(resized[i]! - value)).toBeLessThanOrEqual(1e-6);
});

test("the same size gives the same values", () => {
  const values = Float32Array.of(1, -2, 3, 4, 5, 6);
  expect(resizeLatents(values, { height: 2, width: 3 }, { height: 2, width: 3 })).toEqual(values);
});
