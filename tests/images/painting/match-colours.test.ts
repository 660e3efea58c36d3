import { expect, test } from "@jest/globals";
import { matchColours } from "../../../lib/images/painting/match-colours.js";

const grey = (...levels: number[]) => ({
  width: levels.length,
  height: 1,
  rgb: Uint8Array.from(levels.flatMap((level) => [level, level, level])),
});
const red = ({ rgb }: { readonly rgb: Uint8Array }) => [...rgb.filter((_, i) => i % 3 === 0)];

test("mean and spread of the kept pixels become the original's, everywhere", () => {
  const matched = matchColours(grey(10, 20, 15, 0), grey(100, 140, 0, 0), Uint8Array.of(255, 1, 0, 0));
  expect(red(matched)).toEqual([100, 140, 120, 60]);
});

test("channels are matched one by one", () => {
  const painted = { width: 2, height: 1, rgb: Uint8Array.of(0, 10, 20, 10, 20, 40) };
  const original = { width: 2, height: 1, rgb: Uint8Array.of(5, 10, 50, 15, 30, 60) };
  expect([...matchColours(painted, original, Uint8Array.of(255, 255)).rgb]).toEqual([...original.rgb]);
});

test("a painted picture of one colour is moved, not divided by nothing", () => {
  expect(red(matchColours(grey(50, 50, 60), grey(90, 110, 0), Uint8Array.of(255, 255, 0)))).toEqual([100, 100, 110]);
});

test("without kept pixels nothing is changed", () => {
  expect(red(matchColours(grey(1, 2), grey(100, 200), Uint8Array.of(0, 0)))).toEqual([1, 2]);
});

test("levels beyond black and white are cut off", () => {
  expect(red(matchColours(grey(0, 10, 255, 0), grey(200, 250, 0, 0), Uint8Array.of(255, 255, 0, 0)))).toEqual([200, 250, 255, 200]);
});
