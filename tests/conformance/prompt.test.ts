import { expect, test } from "@jest/globals";
import { runPromptCases } from "./prompt.js";

const swap = (options: object) => ({ frags: [{ swap: [[["cat", 1]], [["dog", 1]]], opts: options }] });
const parsed = (prompt: object) => ({ prompts: [prompt], weights: [1] });

test.each([
  ["weights within the tolerance", { mode: "parse", prompt: "a+", expect: parsed({ frags: [["a", 1.1 + 1e-10]] }) }],
  ["defaults of the reference's swap", { mode: "parse", prompt: "cat.swap(dog)", expect: parsed(swap({ t_start: 0.2, s_end: 0 })) }],
  ["a semantic error", { mode: "full", prompt: '("a").and(1,2)', expect: { error: "ParsingException" } }],
  ["a syntax error", { mode: "parse", prompt: '("a").blend() x', expect: { error: "ParseException" } }],
  ["a crash of the reference", { mode: "full", prompt: "withLora(a)", expect: { error: "IndexError" } }],
])("%s: passes", async (_what, example) => {
  expect(await runPromptCases(JSON.stringify(example))).toEqual([{ name: expect.any(String) }]);
});

test.each([
  ["another weight", { mode: "parse", prompt: "a+", expect: parsed({ frags: [["a", 1.2]] }) }],
  ["another text", { mode: "parse", prompt: "a", expect: parsed({ frags: [["b", 1]] }) }],
  ["a fragment more", { mode: "parse", prompt: "a", expect: parsed({ frags: [["a", 1], ["b", 1]] }) }], // biome-ignore format: a table
  ["another swap option that was given", { mode: "parse", prompt: "cat.swap(dog, t_start=0.1)", expect: parsed(swap({ t_start: 0.2 })) }],
  ["a LoRA less", { mode: "parse", prompt: "a withLora(b)", expect: parsed({ frags: [["a", 1]] }) }],
  ["an error of the other kind", { mode: "parse", prompt: '("a").blend() x', expect: { error: "ParsingException" } }],
  ["an error where there is none", { mode: "parse", prompt: "a", expect: { error: "ParseException" } }],
  ["no error where there is one", { mode: "parse", prompt: '("a").blend(1,2)', expect: parsed({ frags: [["a", 1]] }) }],
  ["a blend where there is none", { mode: "legacy_blend", prompt: "a", expect: { blend: [], weights: [], normalize: true } }],
])("%s: differs", async (_what, example) => {
  const [result] = await runPromptCases(JSON.stringify(example));
  expect(result?.difference?.expected).toEqual(example.expect);
});

test.each(["1", '{"mode":"parse"}', '{"mode":"toString","prompt":"","expect":null}', "x"])("%s is no file of cases", async (text) => {
  await expect(runPromptCases(text)).rejects.toThrow();
});
