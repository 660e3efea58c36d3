import { expect, test } from "@jest/globals";
import { fitTokens } from "../../lib/conditioning/fit-tokens.js";
import { loadTokenizer } from "../../lib/conditioning/tokenizer.js";
import type { TextFragment } from "../../lib/prompt/tree.js";

const tokenizer = await loadTokenizer();
const text = (words: string, weight = 1): TextFragment => ({ kind: "text", text: words, weight });
const cats = (count: number) => "cat ".repeat(count);

test("a word at the edge of a fragment belongs to that fragment alone", () => {
  const { spans } = fitTokens(tokenizer, [text("super", 1.2), text("man")], 1);
  expect(spans).toEqual([
    { fragment: 0, weight: 1.2, ids: tokenizer.encode("super") },
    { fragment: 1, weight: 1, ids: tokenizer.encode("man") },
  ]);
});

test.each([
  [0, 1, 1, 0, 0],
  [75, 1, 1, 75, 0],
  [76, 1, 1, 75, 1],
  [75, 2, 1, 75, 0],
  [76, 2, 2, 76, 0],
  [150, 2, 2, 150, 0],
  [151, 2, 2, 150, 1],
])("%i tokens in at most %i windows", (count, most, windows, kept, discarded) => {
  const fitted = fitTokens(tokenizer, [text(cats(count))], most);
  expect(fitted.windows).toBe(windows);
  expect(fitted.spans.flatMap(({ ids }) => ids)).toHaveLength(kept);
  expect(fitted.discarded).toHaveLength(discarded);
});

test("fragments without tokens, and those behind the end, have no span", () => {
  const { spans, discarded } = fitTokens(tokenizer, [text(""), text(cats(74)), text("a red dog", 0.5), text("house", 2)], 1);
  expect(spans.map(({ weight, ids }) => [weight, ids.length])).toEqual([
    [1, 74],
    [0.5, 1],
  ]);
  expect(discarded.map((id) => tokenizer.decodeToken(id))).toEqual(["red ", "dog ", "house "]);
});
