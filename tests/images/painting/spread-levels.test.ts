import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { spreadLevels } from "../../../lib/images/painting/spread-levels.js";

const size = { width: 5, height: 4 };
const dot = Uint8Array.from({ length: 20 }, (_, i) => (i === 7 ? 9 : 3));

test("radius 0 changes nothing", () => {
  expect(spreadLevels(dot, size, 0, "highest")).toEqual(dot);
});

test("the highest level fills the square around it, cut at the edge", () => {
  expect(rows(spreadLevels(dot, size, 1, "highest"))).toEqual(["39993", "39993", "39993", "33333"]);
});

test("the lowest level wins everywhere but where it is out of reach", () => {
  const hole = dot.map((level) => (level === 9 ? 0 : 5));
  expect(rows(spreadLevels(hole, size, 1, "lowest"))).toEqual(["50005", "50005", "50005", "55555"]);
});

test("it is what as many passes of a 3×3 window give", () => {
  const picture = fc.record({ width: fc.integer({ min: 1, max: 9 }), height: fc.integer({ min: 1, max: 9 }) }).chain((extent) => {
    const area = extent.width * extent.height;
    return fc.record({ extent: fc.constant(extent), levels: fc.uint8Array({ minLength: area, maxLength: area }) });
  });
  const property = fc.property(picture, fc.integer({ min: 1, max: 12 }), ({ extent, levels }, radius) => {
    for (const to of ["lowest", "highest"] as const) {
      let passes: Uint8Array = levels;
      for (let i = 0; i < radius; i++) passes = spreadLevels(passes, extent, 1, to);
      expect(spreadLevels(levels, extent, radius, to)).toEqual(passes);
    }
  });
  fc.assert(property, { numRuns: 100 });
});

function rows(levels: Uint8Array): string[] {
  return Array.from({ length: size.height }, (_, y) => levels.subarray(y * size.width, (y + 1) * size.width).join(""));
}
