import { expect, test } from "@jest/globals";
import { parsePrompt } from "../../lib/prompt/parse-prompt.js";
import { EMPTY_PROMPT, type FlatPrompt } from "../../lib/prompt/tree.js";

const flat = (text: string, weight = 1): FlatPrompt => ({ kind: "flat", fragments: [{ kind: "text", text, weight }] });
const parse = (text: string, skipNormalize = false) => parsePrompt(text, { skipNormalize });
const notesOf = (text: string) => parse(text).notes.map((note) => note.text);

test("the negative part is read with the grammar", () => {
  const { positive, negative } = parse("a cat [(fog)0.5] at\ndusk");
  expect(positive.prompts).toEqual([flat("a cat at dusk")]);
  expect(negative).toEqual(flat("fog", 0.5));
});

test("a mixture with colons is normalised", () => {
  const { positive } = parse("a:1 (b)1.2:3 [c:1 d:1]");
  expect(positive.prompts).toEqual([{ kind: "blend", prompts: [flat("a"), flat("b", 1.2)], weights: [0.25, 0.75], normalize: true }]);
  expect(parse("a:1 [c:1 d:1]").negative).toEqual(flat("c:1 d:1"));
});

test("a mixture keeps its weights when asked to", () => {
  expect(parse("a:1 b:3", true).positive.prompts).toMatchObject([{ weights: [1, 3], normalize: false }]);
});

test("a part of a mixture that holds only a LoRA falls away", () => {
  const { positive, loras } = parse("a:2 withLora(foo):1");
  expect(positive.prompts).toMatchObject([{ kind: "blend", prompts: [flat("a")], weights: [2 / 3] }]);
  expect(loras).toEqual([{ name: "foo", weight: 1 }]);
});

test.each([
  "withLora(my.v2-x,0.5) a",
  "useLora( my.v2-x , 0.5 ) a",
  '("a").blend() withLora(my.v2-x,0.5)',
  'a:1 "withLora(my.v2-x,0.5) b":1',
])("%s: dots may stand in a LoRA's name", (text) => expect(parse(text).loras).toEqual([{ name: "my.v2-x", weight: 0.5 }]));

test.each(["a withLora(.x)", "a withLora(x..y)", "a withLora(x.,1)", "a withLora(../x)"])("%s is text", (text) => {
  expect(parse(text).loras).toEqual([]);
});

test("all prompts of a conjunction are kept with their weights", () => {
  expect(parse('("a","b").and(1,2)').positive).toMatchObject({ prompts: [flat("a"), flat("b")], weights: [1, 2] });
});

test.each(["", "   ", "()", "withLora(x)", "withLora(a):1 withLora(b):1", "[fog]"])("%j has the empty prompt", (text) => {
  expect(parse(text).positive).toMatchObject({ prompts: [EMPTY_PROMPT], weights: [1] });
});

test.each(["a", "a [()]", "a [withLora(x)]"])("%j shows nothing negative", (text) => expect(parse(text).negative).toEqual(EMPTY_PROMPT));

test.each([
  ["a:1 b:-1", "Subprompt weights add up to zero. Discarding and using even weights instead."],
  ["(a, b).blend(1,-1)", "The weights of .blend() add up to zero; all its prompts count the same."],
  ["a (cat:1.2)", "(word:1.2) is not a weight here; write (word)1.2."],
  ["a <lora:x:1> b", "<lora:name:0.8> loads nothing here; write withLora(name,0.8)."],
  ["a [withLora(x)]", "withLora() in [brackets] is ignored."],
  ['a [("b","c").and()]', "In [brackets] only the first prompt of .and() counts."],
  ["a [(b]", 'In [brackets]: Taken as text: "(b".'],
  ['("a","b").and():1 c:1', "Inside a mixture with colons only the first prompt of .and() counts."],
  ["a:1 cat.swap(dog):1", ".swap() is not possible inside a mixture with colons; it is taken as plain text."],
  ['a:1 ("b","c").blend():1', ".blend() is not possible inside a mixture with colons; it is taken as plain text."],
  ["a:1 ".repeat(101), "A mixture of more than 100 parts is not possible; the whole prompt is taken as plain text."],
  ["a ".concat("withLora(b) ".repeat(101)), "Only the first 100 LoRAs count."],
  [`a:${"9".repeat(400)} b`, "A weight of the mixture is too large; the whole prompt is taken as plain text."],
])("%.40s has a note", (text, note) => expect(notesOf(text)).toContain(note));

test.each(["a cat, sitting", "a:1 b:2", '("a","b").blend(1,2)', "(a)1.2 [fog]", "a withLora(b,0.5)", "12:30 <trigger>"])(
  "%s needs no note",
  (text) => expect(notesOf(text)).toEqual([]),
);

test("a note is told once", () => expect(notesOf("a <lora:x:1> <lora:y:1>:1 (b:1 (b:1")).toHaveLength(2));
