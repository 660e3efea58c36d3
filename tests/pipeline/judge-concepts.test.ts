import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { cosinesWithRows, judgeConcepts } from "../../lib/pipeline/judge-concepts.js";
import { ORACLES } from "../oracles/read-oracle.js";

interface Case {
  readonly special: number[];
  readonly specialThresholds: number[];
  readonly concepts: number[];
  readonly thresholds: number[];
  readonly flagged: number[];
}

const cases = JSON.parse(readFileSync(join(ORACLES, "safety-checker", "thresholds.json"), "utf8")) as Case[];

test("scores around the thresholds are judged as by numpy", () => {
  const judged = cases.map(({ special, specialThresholds, concepts, thresholds }) =>
    judgeConcepts({ cosines: special, thresholds: specialThresholds }, { cosines: concepts, thresholds }),
  );
  expect(judged).toEqual(cases.map(({ flagged }) => flagged));
  // The table would prove little if nothing, or everything, were found.
  expect(new Set(judged.map((found) => found.length)).size).toBeGreaterThan(2);
});

test("a special-care concept lowers the thresholds of those behind it, and is no verdict itself", () => {
  const near = { cosines: [0.3, 0.195], thresholds: [0.2, 0.2] };
  expect(judgeConcepts(near, { cosines: [0.1, 0.195], thresholds: [0.2, 0.2] })).toEqual([1]);
  expect(judgeConcepts({ cosines: [0.19], thresholds: [0.2] }, { cosines: [0.195], thresholds: [0.2] })).toEqual([]);
  expect(judgeConcepts(near, { cosines: [0.1], thresholds: [0.2] })).toEqual([]);
});

test("cosines are those of directions, and 0 for a vector without one", () => {
  const rows = Float32Array.of(2, 0, 0, -3, 1, 1);
  expect([...cosinesWithRows(Float32Array.of(4, 0), rows)]).toEqual([1, 0, Math.fround(Math.SQRT1_2)]);
  expect([...cosinesWithRows(new Float32Array(2), rows)].map(Math.abs)).toEqual([0, 0, 0]);
});
