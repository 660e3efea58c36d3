import { expect, test } from "@jest/globals";
import { splitNegative } from "../../lib/prompt/negative.js";

test.each([
  ["a castle [fog] at dusk [people]", "a castle at dusk ", "fog people"],
  ["no brackets  at all", "no brackets  at all", ""],
  ["an [open bracket", "an [open bracket", ""],
  ["[only this]", " ", "only this"],
  ["outer [one [two] three] end", "outer three] end", "one [two"],
  ["empty [] pair", "empty pair", ""],
  ["a\n[b\nc] d[e]", "a\n[b\nc] d ", "e"],
])("%s", (prompt, positive, negative) => {
  expect(splitNegative(prompt)).toEqual({ positive, negative });
});

test("a hundred thousand opening brackets take no time", () => {
  const prompt = `a [b] ${"[".repeat(100_000)}`;
  const started = Date.now();
  expect(splitNegative(prompt).negative).toBe("b");
  expect(Date.now() - started).toBeLessThan(2000);
});
