import { expect, test } from "@jest/globals";
import { exactPower } from "../../lib/prompt/numbers.js";

/** Values of Python's `pow`, which `Math.pow` misses in the last digit for 4 and 25. */
test.each([
  [1.1, 1, 1.1],
  [1.1, 2, 1.2100000000000002],
  [1.1, 4, 1.4641000000000004],
  [1.1, 25, 10.834705943388395],
  [1.1, 300, 2617010996188.4634],
  [0.9, 2, 0.81],
  [0.9, 4, 0.6561],
  [0.9, 25, 0.0717897987691853],
  [0.9, 3000, 5.3398409062941356e-138],
])("%d to the power of %d", (base, count, power) => expect(exactPower(base, count)).toBe(power));

/** The ends of the range of doubles. */
test.each([
  [1.1, 7447, 1.7837187326221501e308],
  [0.9, 6700, 2.659581133369335e-307],
  [1.1, 1_000_000, Number.POSITIVE_INFINITY],
  [0.9, 1_000_000, 0],
])("%d to the power of %d", (base, count, power) => expect(exactPower(base, count)).toBe(power));
