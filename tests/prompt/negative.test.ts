import { expect, test } from "@jest/globals";
import { splitNegative } from "../../lib/prompt/negative.js";

test.each([
  ["a castle [fog] at dusk [people]", "a castle at dusk ", "fog people"],
  ["no brackets  at all", "no brackets  at all", ""],
  ["an [open bracket", "an [open bracket", ""],
  ["[only this]", " ", "only this"],
  ["outer [one [two] three] end", "outer three] end", "one [two"],
  ["empty [] pair", "empty pair", ""],
])("%s", (prompt, positive, negative) => {
  expect(splitNegative(prompt)).toEqual({ positive, negative });
});
