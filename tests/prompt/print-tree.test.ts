import { expect, test } from "@jest/globals";
import { parsePrompt } from "../../lib/prompt/parse-prompt.js";
import { printPrompt } from "../../lib/prompt/print-tree.js";

test.each([
  ["a tall man picking apricots+++", "a tall man picking (apricots)1.331"],
  ["a cat.swap(big (dog)1.5) runs", "a (cat → big (dog)1.5) runs"],
  ["a:1 (b)0.5:2", '"a" × 0.3333 + "(b)0.5" × 0.6667'],
  ["(a, b).blend(1,-1,no_normalize)", '"a" × 1 + "b" × -1 (not normalised)'],
  ["", ""],
])("%s is shown as %s", (text, shown) => {
  const [prompt] = parsePrompt(text, { skipNormalize: false }).positive.prompts;
  expect(printPrompt(prompt!)).toBe(shown);
});
