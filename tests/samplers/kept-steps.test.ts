import { expect, test } from "@jest/globals";
import { stepsOfStrength } from "../../lib/samplers/kept-steps.js";

test.each([
  [10, 0.7, 7],
  [10, 0.4, 4],
  [50, 0.4, 20],
  [30, 0.7, 21],
  [29, 0.7, 20],
  // In floating-point arithmetic the product is a little less than 29.
  [50, 0.58, 28],
  [10, 0.75, 7],
  [10, 1, 10],
  [10, 0.05, 0],
  [10, 0, 0],
])("of %i steps at strength %d, the last %i are run", (steps, strength, kept) => {
  expect(stepsOfStrength(steps, strength)).toBe(kept);
});
