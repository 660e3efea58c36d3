import { expect, test } from "@jest/globals";
import { invertedLevels, keptLevels, multipliedLevels } from "../../../lib/images/painting/masks.js";

const rgb = Uint8Array.of(0, 0, 0, 255, 255, 255, 77, 77, 77, 255, 0, 0, 0, 255, 0, 0, 0, 255);

test("brightness counts where nothing is transparent: greys as they are, colours as Pillow weighs them", () => {
  expect([...keptLevels({ width: 6, height: 1, rgb })]).toEqual([0, 255, 77, 76, 150, 29]);
});

test("with transparency the colours do not count", () => {
  const alpha = Uint8Array.of(0, 10, 20, 30, 40, 255);
  expect([...keptLevels({ width: 6, height: 1, rgb, alpha })]).toEqual([...alpha]);
});

test("inverted, what was kept is painted", () => {
  expect([...invertedLevels(Uint8Array.of(0, 100, 255))]).toEqual([255, 155, 0]);
});

test("of two masks the product keeps, without an overflow of eight bits", () => {
  expect([...multipliedLevels(Uint8Array.of(255, 255, 16, 0), Uint8Array.of(255, 7, 16, 255))]).toEqual([255, 7, 1, 0]);
});
