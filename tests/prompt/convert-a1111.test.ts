import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { convertA1111 } from "../../lib/prompt/convert-a1111.js";
import { parsePrompt } from "../../lib/prompt/parse-prompt.js";
import { processorTime } from "../support/processor-time.js";

test.each([
  ["a cat, 5'10\" tall", "a cat, 5'10\" tall"],
  ["a (cat:1.2) here", "a (cat)1.2 here"],
  ["(cat: 1.3 )", "(cat)1.3"],
  ["a (cat)", "a (cat)1.1"],
  ["((cat))", "((cat)1.1)1.1"],
  ["[cat]", "(cat)0.91"],
  ["[[cat]]", "((cat)0.91)0.91"],
  ["(a (b:0.5) c:.7)", "(a (b)0.5 c)0.7"],
  ["(cat:1.2)5 dogs", "(cat)1.2 5 dogs"],
  ["(cat:1.2), dog", "(cat)1.2, dog"],
  ["(cat:0.00000001)", "(cat)0.00000001"],
  ['(a 5" pipe:1.2)', '(a 5\\" pipe)1.2'],
  ["(time 12:30 am)", "(time 12\\:30 am)1.1"],
  ["cat: the film", "cat\\: the film"],
  ["\\(literal\\) \\[x\\]", "\\(literal\\) x"],
  ["open ( and ) and ] and [", "open ( and )1.1 and  and "],
  ["a) b", "a) b"],
  ["(a] b", "(a b"],
  ["<lora:film-look:0.8> cat", "withLora(film-look,0.8) cat"],
  ["<lora:film.v2-b:0.8> cat", "withLora(film.v2-b,0.8) cat"],
  ["<lora:x:-0.5>", "withLora(x,-0.5)"],
  ["<lora:x>", "withLora(x,1)"],
  ["<lora:x:0.8:0.5>", "withLora(x,0.8)"],
  ["<lyco:x:1>", "withLora(x,1)"],
  ["(cat <lora:x:0.8>:1.2)", "(cat withLora(x,0.8))1.2"],
  ["BREAKFAST at <b>", "BREAKFAST at <b>"],
])("%s", (theirs, text) => expect(convertA1111(theirs)).toEqual({ text, notes: [] }));

test.each([
  ["[cat:dog:0.5]", "cat dog", "changes between steps"],
  ["[cat:10] x", "cat x", "changes between steps"],
  ["a [cat|dog] (b:1.1)", "a cat dog (b)1.1", "changes between steps"],
  ["(cat:-1)", "(cat)0", "a weight below 0"],
  ["a BREAK b", "a b", "BREAK"],
  ["a AND b", "a AND b", "write (a, b).and()"],
  ["<lora:bad name:1> a", " a", "<lora:bad name:1> is not possible here"],
  ["<hypernet:x:1>", "", "<hypernet:x:1> is not possible here"],
])("%s is noted", (theirs, text, note) => {
  expect(convertA1111(theirs)).toEqual({ text, notes: [expect.stringContaining(note)] });
});

test.each([
  ["(masterpiece, best quality:1.2), (cat)", [["masterpiece , best quality", 1.2], [",", 1], ["cat", 1.1]]], // biome-ignore format: a table
  ['(a 5" pipe:1.2) [fog]', [['a 5" pipe', 1.2], ["fog", 0.91]]], // biome-ignore format: a table
  ["((deep)) end", [["deep", 1.1 * 1.1], ["end", 1]]], // biome-ignore format: a table
])("%s is read with these weights", (theirs, weights) => {
  const { positive, notes } = parsePrompt(convertA1111(theirs).text, { skipNormalize: false });
  expect(positive.prompts).toEqual([{ kind: "flat", fragments: weights.map(([text, weight]) => ({ kind: "text", text, weight })) }]);
  expect(notes).toEqual([]);
});

test("what comes out has no negative part and mixes nothing", () => {
  const pieces = fc.constantFrom(...'()[]:|"\\ ab,1', "1.2", "<lora:x:1>", "BREAK", "AND");
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 25 }), (parts) => {
      const { text } = convertA1111(parts.join(""));
      expect(text).not.toMatch(/[[\]]/);
      expect(text.replace(/\\:/g, "")).not.toContain(":");
    }),
  );
});

test("a million brackets take no time", () => {
  const time = processorTime(() => {
    for (const piece of ["(", "[", "(a)", "[a:", "()]:", "<lora:a:1", "<lora:a:1>", "BREAK "]) convertA1111(piece.repeat(200_000));
    convertA1111("(".repeat(500_000) + ":1)".repeat(300_000));
  });
  expect(time).toBeLessThan(5000);
});
