import { expect, test } from "@jest/globals";
import { freshSeed, nextSeed } from "../../lib/random/seeds.js";

// Chains printed by CPython and by the original project's documentation.
test.each([
  [[416354203, 1362479620]],
  [[2685670268, 1216708065, 2335773498, 822223658, 714542046, 3395302430]],
  [[42, 2746317213, 3929441273, 1037781578]],
])("seeds succeed each other as Python's randrange does: %j", (chain) => {
  for (let i = 1; i < chain.length; i++) expect(nextSeed(chain[i - 1]!)).toBe(chain[i]);
});

test("a fresh seed is an integer that the prompt accepts", () => {
  const seeds = Array.from({ length: 100 }, freshSeed);
  for (const seed of seeds) {
    expect(Number.isInteger(seed)).toBe(true);
    expect(seed).toBeGreaterThanOrEqual(0);
    expect(seed).toBeLessThanOrEqual(4294967294);
  }
  expect(new Set(seeds).size).toBeGreaterThan(90);
});
