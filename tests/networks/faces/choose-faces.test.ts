import { describe, expect, test } from "@jest/globals";
import type { Landmarks } from "../../../lib/images/faces/align-face.js";
import { chooseFaces } from "../../../lib/networks/faces/choose-faces.js";
import type { FaceCandidate } from "../../../lib/networks/faces/face-candidate.js";
import { faceRows } from "../../oracles/read-faces.js";

const LANDMARKS = Array.from({ length: 5 }, () => [1, 1]) as unknown as Landmarks;
const candidate = (score: number, box: FaceCandidate["box"], landmarks = LANDMARKS): FaceCandidate => ({ score, box, landmarks });

test("what is left is what the plain procedure leaves, in its order", () => {
  const candidates = faceRows("candidates", 5).map(([left, top, right, bottom, score]) =>
    candidate(score!, [left!, top!, right!, bottom!]),
  );
  const kept = chooseFaces(candidates, { score: 0, overlap: 0.4 }).map((face) => candidates.indexOf(face));
  expect(kept).toEqual(faceRows("kept", 1).flat());
});

describe("what does not count", () => {
  const box = [0, 0, 9, 9] as const;
  test.each([
    ["a score at the threshold", candidate(0.9, box)],
    ["a score that is no number", candidate(Number.NaN, box)],
    ["a box without end", candidate(1, [0, 0, Number.POSITIVE_INFINITY, 9])],
    ["a landmark that is no number", candidate(1, box, [...LANDMARKS.slice(1), [0, Number.NaN]] as unknown as Landmarks)],
  ])("%s", (_name, face) => {
    expect(chooseFaces([face, candidate(0.95, [20, 20, 30, 30])], { score: 0.9, overlap: 0.4 })).toHaveLength(1);
  });
});

test("of twenty thousand faces the best two hundred are enough", () => {
  const many = Array.from({ length: 20_000 }, (_, i) => candidate(0.9 + (i % 1000) / 1e5, [i * 20, 0, i * 20 + 9, 9]));
  const chosen = chooseFaces(many, { score: 0.5, overlap: 0.4 });
  expect(chosen).toHaveLength(200);
  expect(Math.min(...chosen.map(({ score }) => score))).toBeGreaterThan(0.909);
});
