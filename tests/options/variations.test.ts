import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { parseVariations, printVariations } from "../../lib/options/variations.js";

test.each([
  ["", []],
  ["784039624:0.2", [{ seed: 784039624, weight: 0.2 }]],
  [
    "3647897225:0.1,1614299449:0.1",
    [
      { seed: 3647897225, weight: 0.1 },
      { seed: 1614299449, weight: 0.1 },
    ],
  ],
  [
    "3647897225,0.1,1614299449,0.1",
    [
      { seed: 3647897225, weight: 0.1 },
      { seed: 1614299449, weight: 0.1 },
    ],
  ],
  [
    " 1 : 1e-1 , 2:1",
    [
      { seed: 1, weight: 0.1 },
      { seed: 2, weight: 1 },
    ],
  ],
])("%p", (text, variations) => {
  expect(parseVariations(text)).toEqual(variations);
});

test.each([
  ["5", "5"],
  ["5,0.1,6", "5"],
  ["5:0.1,", ""],
  ["5:0.1:6", "5:0.1:6"],
  ["5:0.1,6,0.2", "6"],
  ["x:0.1", "x:0.1"],
  ["5:y", "5:y"],
  ["-1:0.1", "-1:0.1"],
  ["4294967296:0.1", "4294967296:0.1"],
  ["5:nan", "5:nan"],
])("%p is refused at its part", (text, part) => {
  expect(() => parseVariations(text)).toThrow(`Could not parse with_variation part "${part}"; write -V seed:weight,seed:weight`);
});

test.each([
  ["1:1.5", "[1.5]"],
  ["1:0.5,2:-0.1", "[0.5, -0.1]"],
])("weights of %p are refused", (text, got) => {
  expect(() => parseVariations(text)).toThrow(`variation weights must be in [0.0, 1.0]: got ${got}`);
});

test("more than a thousand are a slip", () => {
  expect(() => parseVariations(Array(1001).fill("1:0").join(","))).toThrow("-V takes at most 1000 variations, not 1001");
});

test("printed variations are read back", () => {
  const variation = fc.record({ seed: fc.integer({ min: 0, max: 0xffff_ffff }), weight: fc.double({ min: 0, max: 1, noNaN: true }) });
  fc.assert(
    fc.property(fc.array(variation, { minLength: 1 }), (variations) => {
      expect(parseVariations(printVariations(variations))).toEqual(variations);
    }),
  );
});
