import { expect, test } from "@jest/globals";
import { matchesName } from "../../../lib/images/metadata/match-name.js";
import { processorTime } from "../../support/processor-time.js";

test.each([
  ["*.png", "000001.5.png", true],
  ["*.png", ".png", false],
  [".*", ".png", true],
  ["*", "", true],
  ["", "", true],
  ["", "a", false],
  ["0000?.png", "00001.png", true],
  ["0000?.png", "000012.png", false],
  ["?", "🐈", true],
  ["00001[1-3].*", "000012.7.png", true],
  ["00001[1-3].*", "000014.7.png", false],
  ["[!a-c]x", "dx", true],
  ["[!a-c]x", "bx", false],
  ["[]]x", "]x", true],
  ["[x", "[x", true],
  ["[a-]", "-", true],
  ["a*b*c", "aXbYbZc", true],
  ["a*b*c", "aXcYb", false],
  ["a.c", "abc", false],
  ["(a|b)+$", "(a|b)+$", true],
])("%s and %s: %s", (pattern, name, fits) => expect(matchesName(name, pattern)).toBe(fits));

test("a pattern that would keep a regular expression busy for years", () => {
  const time = processorTime(() => expect(matchesName("a".repeat(255), `${"a*".repeat(120)}b`)).toBe(false));
  expect(time).toBeLessThan(1000);
});
