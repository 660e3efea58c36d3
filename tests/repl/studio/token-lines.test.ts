import { expect, test } from "@jest/globals";
import { tokenLines } from "../../../lib/repl/studio/token-lines.js";

const log = {
  prompt: "a cat",
  negative: "fog",
  texts: [
    { label: "", tokens: ["a ", "cat "], discarded: [] },
    { label: "(negative prompt)", tokens: ["fog "], discarded: ["in ", "town "] },
  ],
};

test("the words of InvokeAI 2.3", () => {
  expect(tokenLines(log)).toEqual([
    ">> [TOKENLOG] Parsed Prompt: a cat",
    ">> [TOKENLOG] Parsed Negative Prompt: fog",
    ">> [TOKENLOG] Tokens (2):",
    "a cat ",
    ">> [TOKENLOG] Tokens (negative prompt) (1):",
    "fog ",
    ">> [TOKENLOG] Tokens Discarded (2):",
    "in town ",
  ]);
});

test("tokens alone are painted, each by its place", () => {
  const lines = tokenLines(log, (token, index) => `<${index}${token}>`);
  expect(lines[3]).toBe("<0a ><1cat >");
  expect(lines[7]).toBe("<0in ><1town >");
  expect(lines.filter((line) => line.includes("TOKENLOG") && line.includes("<"))).toEqual([]);
});

test("control characters of a prompt are spelled out", () => {
  const lines = tokenLines({ prompt: "\u001b[2J", negative: "", texts: [{ label: "", tokens: ["\u001b[31m"], discarded: [] }] });
  expect(lines.join("\n")).not.toContain("\u001b");
});
