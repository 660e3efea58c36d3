import { expect, test } from "@jest/globals";
import { parseConjunction } from "../../lib/prompt/parse-conjunction.js";
import type { FlatPrompt, Fragment, Prompt, SwapFragment } from "../../lib/prompt/tree.js";

/** Fragments as `text@weight`, blends as `{prompt*weight | …}`. */
function show(text: string): string {
  return parseConjunction(text).prompts.map(showPrompt).join(" AND ");
}

function showPrompt(prompt: Prompt): string {
  if (prompt.kind === "flat") return prompt.fragments.map(showFragment).join(" ");
  return `{${prompt.prompts.map((part, i) => `${showPrompt(part)}*${prompt.weights[i]}`).join(" | ")}}${prompt.normalize ? "" : " raw"}`;
}

function showFragment(fragment: Fragment): string {
  if (fragment.kind === "text") return `${fragment.text}@${Number(fragment.weight.toFixed(4))}`;
  return `<${fragment.original.map(showFragment).join(" ")} -> ${fragment.edited.map(showFragment).join(" ")}>`;
}

test.each([
  ["a (b c)++ d", "a@1 b c@1.21 d@1"],
  ["(a (b)1.3)1.1", "a@1.1 b@1.43"],
  ["word- other", "word@0.9 other@1"],
  ["hot-dog+", "hot-dog@1.1"],
  ["x .attend( 1.5 ) y", "x@1.5 y@1"],
  ["(x).5 y", "x@0.5 y@1"],
  ["apple1.5 (apple) 1.5", "apple1.5 apple 1.5@1"],
  ["(a, b)+, c", "a , b@1.1 , c@1"],
  ['\\(a\\) \\"b\\"', '(a) "b"@1'],
  ["(a\\+b)+", "a\\+b@1.1"],
  ['"a (b)+ c"1.2', "a@1.2 b@1.32 c@1.2"],
  ["a++ (b+)+", "a b@1.21"],
  ["a+++ (b++)+", "a b@1.331"],
  ["cat.swap(dog) runs", "<cat@1 -> dog@1> runs@1"],
  ["(a cat).swap((dog)1.5 small)+", "<a cat@1 -> dog@1.5 small@1> +@1"],
  ["().swap()", "<@1 -> @1>"],
  ['("a", "b+").blend(0.3, 0.7)', "{a@1*0.3 | b@1.1*0.7}"],
  ["(a, b).blend(1,-1,no_normalize)", "{a@1*1 | b@1*-1} raw"],
  ['("a","b").and() ignored', "a@1 AND b@1"],
  ["(a b, c).blend(1,1)", "a b , c .blend(1,1)@1"],
  ["(a=b)+ (c", "(a=b)+ (c@1"],
  ["", "@1"],
  ["\n \t", "@1"],
  ["()", ""],
  ["withLora(x)", ""],
])("%j is %s", (text, expected) => expect(show(text)).toBe(expected));

test.each([
  ["withLora(a-b, 0.7) x", [{ name: "a-b", weight: 0.7 }]],
  ["x useLora(a)", [{ name: "a", weight: 1 }]],
  ["a.swap(b withLora(c,-1))", [{ name: "c", weight: -1 }]],
  ['withLora(a) ("x","y withLora(b)").blend() withLora(c)', ["a", "c", "b"].map((name) => ({ name, weight: 1 }))],
  ["x withLora(my.lora)", []],
])("%s loads LoRAs", (text, loras) => expect(parseConjunction(text).loras).toEqual(loras));

test.each([
  ["cat.swap(dog)", {}],
  ["cat.swap(dog, t_start=0.3, t_end=.5)", { tStart: 0.3, tEnd: 0.5 }],
  ["cat.swap(dog, shape_freedom=0.125)", { sEnd: 0.5 }],
  ["cat.swap(dog, s_end=0.2, shape_freedom=0.125)", { sEnd: 0.2 }],
  ["cat.swap(dog, t_start=1, t_start=0)", { tStart: 0 }],
])("options of %s", (text, options) => {
  const [prompt] = parseConjunction(text).prompts;
  expect(prompt).toMatchObject({ kind: "flat", fragments: [{ kind: "swap" }] });
  const [swap] = (prompt as FlatPrompt).fragments;
  expect((swap as SwapFragment).options).toEqual(options);
});

test.each([
  ['("a","b").blend(1)', "semantic", ".blend() has 1 weight for 2 prompts; the whole prompt is taken as plain text."],
  ['("a","b").and(1,2,3)', "semantic", ".and() has 3 weights for 2 prompts; the whole prompt is taken as plain text."],
  ['("a",()).blend(1,1)', "semantic", ".blend() has 2 weights for 1 prompt with words; the whole prompt is taken as plain text."],
  ['("a","b").blend(1,x)', "semantic", ".blend() takes numbers, and its weight 2 is none; the whole prompt is taken as plain text."],
  ['("a.swap(b)","c").blend()', "semantic", ".swap() is not possible inside .blend(); the whole prompt is taken as plain text."],
  ['("(a.swap(b))+","c").blend()', "semantic", ".swap() is not possible inside .blend(); the whole prompt is taken as plain text."],
  ['("a","b").blend() tail', "syntax", '"tail" may not stand there; the whole prompt is taken as plain text.'],
  [`(${"a,".repeat(100)}b).blend()`, "semantic", "More than 100 prompts cannot be joined; the whole prompt is taken as plain text."],
  [`a${"+".repeat(9000)}`, "semantic", 'The weight of "a" is too large; the whole prompt is taken as plain text.'],
])("%.30s is refused", (text, kind, note) => {
  const parsed = parseConjunction(text);
  expect(parsed.notes).toEqual([{ kind, text: note }]);
  expect(parsed.prompts).toEqual([{ kind: "flat", fragments: [{ kind: "text", text: text.replace(/\s+/g, " "), weight: 1 }] }]);
});

test.each([
  ["a, b: 5'10\\\" c. d-", []],
  ["a \\(b\\)", []],
  ["a (b", ['Taken as text: "(b".']],
  ["a,b+ c) d) e) f)", ['Taken as text: "a,b+", "c)", "d)" and more.']],
  ['("a","b").and() tail', ['The text behind .and() is ignored: "tail".']],
  ["cat.swap(dog, speed=2)", ['.swap() does not know "speed=2"; it is ignored.']],
  [`${"(".repeat(250)}a${")".repeat(250)}`, ["Brackets more than 200 deep are taken as text."]],
])("hints about %.40s", (text, hints) => {
  expect(parseConjunction(text).notes).toEqual(hints.map((hint) => ({ kind: "hint", text: hint })));
});

test("brackets two hundred deep are read", () => expect(show(`${"(".repeat(200)}a${")".repeat(200)}+`)).toBe("a@1.1"));
