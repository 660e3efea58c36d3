import { expect, test } from "@jest/globals";
import { swapWindow } from "../../lib/conditioning/swap-window.js";
import { parsePrompt } from "../../lib/prompt/parse-prompt.js";

const windowOf = (prompt: string) => swapWindow(parsePrompt(prompt, { skipNormalize: false }).positive);
const USUAL = { sStart: 0, sEnd: 1 - 0.5 ** (1 / 3), tStart: 0, tEnd: 1, ignored: false };

test.each([
  ["a cat.swap(dog)", USUAL],
  ["a cat.swap(dog, t_start=0.2)", { ...USUAL, tStart: 0.2 }],
  ["a cat.swap(dog, s_start=0.1, s_end=0.3, t_start=0.2, t_end=0.9)", { sStart: 0.1, sEnd: 0.3, tStart: 0.2, tEnd: 0.9, ignored: false }],
  ["a cat.swap(dog, shape_freedom=0)", { ...USUAL, sEnd: 1 }],
  ["a cat.swap(dog, shape_freedom=1)", { ...USUAL, sEnd: 0 }],
  ["a cat.swap(dog) a cat.swap(dog, t_end=0.5)", { ...USUAL, tEnd: 0.5 }],
  ["a cat.swap(dog, t_end=0.5) a cat.swap(dog)", { ...USUAL, tEnd: 0.5 }],
  ["a cat.swap(dog, t_end=0.5) a cat.swap(dog, t_end=0.6)", { ...USUAL, tEnd: 0.5, ignored: true }],
  ["a cat.swap(dog, t_end=0.5) a cat.swap(dog, t_end=0.5)", { ...USUAL, tEnd: 0.5 }],
  ['("a", "a cat.swap(dog, t_end=0.5)").and()', { ...USUAL, tEnd: 0.5 }],
])("%s", (prompt, expected) => expect(windowOf(prompt)).toEqual(expected));

test.each(["a cat", "", '("a", "b").blend()', "a [cat.swap(dog)]"])("%j swaps nothing", (prompt) => {
  expect(windowOf(prompt)).toBeUndefined();
});
