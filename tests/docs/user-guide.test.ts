import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { TRANSCRIPT } from "../../docs/scripts/transcript/document.js";
import { parseLine } from "../../lib/options/read.js";
import { expandSweeps } from "../../lib/options/sweep.js";
import { PACKAGE_ROOT } from "../../lib/package-root.js";
import { findCommand } from "../../lib/repl/commands/table.js";
import { codeRows, withoutChance } from "./read-markdown.js";

const read = (path: string) => readFileSync(join(PACKAGE_ROOT, path), "utf8");
const guide = read("docs/user-guide.md");
const transcript = withoutChance(readFileSync(TRANSCRIPT, "utf8")).split("\n");

/** What the program says, as opposed to what is typed. */
const answers = codeRows(guide).filter((row) => /^(?:>> |\*\* |\[\d|Outputs:)/.test(row));

test("every answer in the user guide stands in the transcript", () => {
  expect(answers.length).toBeGreaterThan(20);
  expect(answers.filter((row) => !transcript.includes(withoutChance(row)))).toEqual([]);
});

test("every mistake in the user guide's table stands in the transcript", () => {
  const mistakes = [...guide.matchAll(/^\| `(\*\* .+?)` \|/gm)].map(([, sentence = ""]) => sentence);
  expect(mistakes.length).toBeGreaterThan(5);
  expect(mistakes.filter((sentence) => !transcript.includes(withoutChance(sentence)))).toEqual([]);
});

describe.each(["README.md", "docs/user-guide.md"])("every line typed in %s", (page) => {
  // Explanations stand behind wide gaps.
  const typed = codeRows(read(page)).flatMap((row) => /^dream> (.+?)(?: {3,}.*)?$/.exec(row)?.[1] ?? []);

  test.each(typed.filter((line) => line !== "q"))("%s can be read", (line) => {
    if (line.startsWith("!")) expect(findCommand(line)).toBeDefined();
    else for (const spelled of expandSweeps(line).lines) expect(parseLine(spelled.line)).toBeDefined();
  });
});
