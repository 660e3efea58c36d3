import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { DreamError } from "../../lib/errors.js";
import { shellWords } from "../../lib/options/shell-words.js";
import { wordSpans } from "../../lib/options/word-spans.js";

const wordsOf = (text: string) => wordSpans(text).map(({ start, end }) => text.slice(start, end));

test.each([
  ["a -n2", ["a", "-n2"]],
  ["  a\t'b c'd  ", ["a", "'b c'd"]],
  ['"a \\" b" c', ['"a \\" b"', "c"]],
  ["a\\ b '\\' c", ["a\\ b", "'\\'", "c"]],
  ["a#b #c d", ["a#b"]],
  ["''", ["''"]],
])("%p", (text, words) => {
  expect(wordsOf(text)).toEqual(words);
});

test("there is a place for every word", () => {
  const text = fc.oneof(fc.string({ unit: fc.constantFrom(..."ab '\"\\#-{}|$(&*<`\t\u3000") }), fc.string({ unit: "binary" }));
  fc.assert(
    fc.property(text, (line) => {
      let words: string[];
      try {
        words = shellWords(line);
      } catch (error) {
        return error instanceof DreamError;
      }
      expect(wordSpans(line)).toHaveLength(words.length);
      return true;
    }),
    { numRuns: 500 },
  );
});
