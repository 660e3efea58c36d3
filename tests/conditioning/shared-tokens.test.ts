import { expect, test } from "@jest/globals";
import { fitTokens } from "../../lib/conditioning/fit-tokens.js";
import { alignRows, allRows, sharedRows } from "../../lib/conditioning/shared-tokens.js";
import { loadTokenizer } from "../../lib/conditioning/tokenizer.js";
import { parsePrompt } from "../../lib/prompt/parse-prompt.js";
import { type Fragment, swapSide } from "../../lib/prompt/tree.js";

const tokenizer = await loadTokenizer();

function aligned(prompt: string, mostWindows = 1): number[] {
  const [tree] = parsePrompt(prompt, { skipNormalize: false }).positive.prompts;
  if (tree?.kind !== "flat") throw new Error("not a plain prompt");
  const side = (name: "original" | "edited") => {
    const fitted = fitTokens(tokenizer, swapSide(tree.fragments, name), mostWindows);
    return sharedRows(tree.fragments, name, fitted, tokenizer.eos);
  };
  const sources = [...alignRows(side("original"), side("edited"), 77 * mostWindows)];
  // The padding of the last window keeps its own maps.
  const end = sources.findLastIndex((source) => source >= 0);
  return sources.slice(0, end + 1);
}

test.each([
  ["a (cat).swap(dog) here", [0, 1, -1, 3, 4]],
  ["a (cat).swap(big dog) here", [0, 1, -1, -1, 3, 4]],
  ["a (big cat).swap(dog) here", [0, 1, -1, 4, 5]],
  ["(a cat).swap(dog)", [0, -1, 3]],
  ['a "".swap(big) dog', [0, 1, -1, 2, 3]],
  ['a (big).swap("") dog', [0, 1, 3, 4]],
  ["a (cat).swap(dog) and a (star).swap(blue fish)", [0, 1, -1, 3, 4, -1, -1, 6]],
  // A word on both sides of a swap is new.
  ["a (red cat).swap(red dog)", [0, 1, -1, -1, 4]],
  ["a ((red)1.2 cat).swap((big)0.5 (blue)0.3 dog) (here)1.4", [0, 1, -1, -1, -1, 4, 5]],
])("%s", (prompt, expected) => expect(aligned(prompt)).toEqual(expected));

const words = (count: number) => Array.from({ length: count }, () => "star").join(" ");

test("tokens that the longer side pushes out of the window have no place", () => {
  const sources = aligned(`a (cat).swap(big blue dog) ${words(73)}`);
  expect(sources).toHaveLength(77);
  expect(sources.slice(0, 7)).toEqual([0, 1, -1, -1, -1, 3, 4]);
  expect(sources.slice(-3)).toEqual([72, 73, 76]);
});

test("tokens move from the end of one window to the next", () => {
  const sources = aligned(`a (cat).swap(big dog) ${words(74)}`, 2);
  // 76 and 77 tokens: the last star of the first window is the first one of the second.
  expect(sources.slice(75)).toEqual([74, 76, 77, 75, 78, 79]);
});

test("what fills the end of a window is no token of the text", () => {
  const fragments: Fragment[] = [{ kind: "text", text: "", weight: 1 }];
  const rows = sharedRows(fragments, "original", { spans: [{ fragment: 0, weight: 1, ids: [5, 9, 6] }], windows: 1, discarded: [] }, 9);
  expect([rows.get("0.0"), rows.get("0.1"), rows.get("0.2")]).toEqual([1, 3, undefined]);
});

test("where nothing differs every row has its place", () => {
  expect([...alignRows(allRows(1), allRows(1), 77)]).toEqual(Array.from({ length: 77 }, (_, row) => row));
});
