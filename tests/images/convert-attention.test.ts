import { expect, test } from "@jest/globals";
import { convertAttention } from "../../lib/images/convert-attention.js";
import { processorTime } from "../support/processor-time.js";

test.each([
  ["a cat, 5'10\" tall", "a cat, 5'10\" tall"],
  ["a (cat:1.2) here", "a (cat)1.2 here"],
  ["a (cat)", "a (cat)1.1"],
  ["((cat))", "((cat)1.1)1.1"],
  ["[cat]", "(cat)0.91"],
  ["(a (b:0.5) c:.7)", "(a (b)0.5 c)0.7"],
  ["(time 12:30 am)", "(time 12:30 am)1.1"],
  ["\\(literal\\) \\[x\\]", "\\(literal\\) x"],
  ["open ( and ) and ] and [", "open ( and )1.1 and  and "],
  ["a) b", "a) b"],
  ["(a] b", "(a b"],
  ["<lora:film-look:0.8> cat", "withLora(film-look,0.8) cat"],
  ["<lora:x>", "withLora(x,1)"],
  ["<lora:bad name:1>", "<lora:bad name:1>"],
])("%s", (text, prompt) => expect(convertAttention(text)).toEqual({ prompt, schedules: false }));

test.each([
  ["[cat:dog:0.5]", "cat dog 0.5"],
  ["a [cat|dog] (b:1.1)", "a cat dog (b)1.1"],
])("%s changes between steps", (text, prompt) => expect(convertAttention(text)).toEqual({ prompt, schedules: true }));

test("a million brackets take no time", () => {
  const time = processorTime(() => {
    for (const piece of ["(", "[", "(a)", "[a:", "()]:", "<lora:a:1"]) convertAttention(piece.repeat(200_000));
    convertAttention("(".repeat(500_000) + ":1)".repeat(300_000));
  });
  expect(time).toBeLessThan(5000);
});
