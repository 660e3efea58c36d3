import { describe, expect, test } from "@jest/globals";
import { alignFace, inverse, type Landmarks, moved, type Point, type Similarity } from "../../../lib/images/faces/align-face.js";
import { faceRows } from "../../oracles/read-faces.js";

const toLandmarks = (row: readonly number[]) => [0, 2, 4, 6, 8].map((i): Point => [row[i]!, row[i + 1]!]) as unknown as Landmarks;
const matrixOf = ({ cosine, sine, right, down }: Similarity) => [cosine, -sine, right, sine, cosine, down];

test("the least squares of five landmarks are those of singular values", () => {
  const expected = faceRows("matrices", 6);
  const got = faceRows("landmarks", 10).map((row) => matrixOf(alignFace(toLandmarks(row), 512) as Similarity));
  for (const [i, matrix] of got.entries()) {
    for (const [j, value] of matrix.entries()) expect(Math.abs(value - expected[i]![j]!)).toBeLessThan(2e-3);
  }
});

test("the square's side scales the template", () => {
  const [row = []] = faceRows("landmarks", 10);
  const [large, small] = [512, 128].map((side) => alignFace(toLandmarks(row), side) as Similarity);
  for (const key of ["cosine", "sine", "right", "down"] as const) expect(small![key]).toBeCloseTo(large![key] / 4, 10);
});

test("the way back leads back", () => {
  const there = { cosine: 1.3, sine: -0.8, right: 40, down: -7 };
  const [x, y] = moved(inverse(there), moved(there, [12.5, 90]));
  expect([x, y]).toEqual([expect.closeTo(12.5, 10), expect.closeTo(90, 10)]);
});

describe("landmarks that are no face", () => {
  const at = (x: number, y: number) => toLandmarks(Array.from({ length: 10 }, (_, i) => (i % 2 === 0 ? x : y)));
  test.each([
    ["all in one place", at(5, 5)],
    ["zeroes", at(0, 0)],
    ["no numbers", at(Number.NaN, 1)],
    ["infinite", at(1, Number.POSITIVE_INFINITY)],
  ])("%s", (_name, landmarks) => {
    expect(alignFace(landmarks, 512)).toBeUndefined();
  });
});
