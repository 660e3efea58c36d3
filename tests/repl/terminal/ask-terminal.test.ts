import { PassThrough } from "node:stream";
import { expect, test } from "@jest/globals";
import { askTerminal } from "../../../lib/repl/terminal/ask-terminal.js";
import { LateAnswer } from "../../../lib/repl/terminal/late-answer.js";
import { TERMINAL_QUERY } from "../../../lib/terminal-images/terminal-answer.js";

const ANSWER = "\x1b_Gi=31;OK\x1b\\\x1b[6;36;17t\x1b[?62;4;22c";

/** A terminal that answers with `pieces`. */
function terminal(...pieces: string[]): { input: PassThrough; output: PassThrough; modes: boolean[] } {
  const modes: boolean[] = [];
  const input = Object.assign(new PassThrough(), { setRawMode: (raw: boolean) => modes.push(raw) });
  const output = new PassThrough();
  output.once("data", () => {
    for (const piece of pieces) input.write(piece);
  });
  return { input, output, modes };
}

test("the answer comes back, and keys typed meanwhile are still there", async () => {
  const { input, output, modes } = terminal("a cät", ANSWER.slice(0, 20), ANSWER.slice(20), "\n");
  expect(await askTerminal(input, output)).toContain("\x1b[?62;4;22c");
  input.resume();
  expect(String(await new Promise((resolve) => input.once("data", resolve)))).toContain("a cät");
  expect(modes).toEqual([true, false]);
});

test("a terminal that says nothing is not waited for", async () => {
  const { input, output } = terminal();
  expect(await askTerminal(input, output)).toBe("");
});

test("what is no terminal is not asked", async () => {
  const output = new PassThrough();
  expect(await askTerminal(new PassThrough(), output)).toBe("");
  expect(output.read()).toBeNull();
});

test("the question is what the terminal gets", async () => {
  const { input, output } = terminal(ANSWER);
  const asked: string[] = [];
  output.on("data", (bytes: Buffer) => asked.push(String(bytes)));
  await askTerminal(input, output);
  expect(asked).toEqual([TERMINAL_QUERY]);
});

test("a late answer is no typing, Alt-_ and what is typed after it are", () => {
  const late = new LateAnswer();
  const taken = ["\x1b_", "G", "i", "=", ";", "\x1b\\", "\x1b[?", "6", ";", "c", "c"].map((sequence) => late.take({ sequence }, 0));
  expect(taken).toEqual([true, true, true, true, true, true, true, true, true, true, false]);
  expect([late.take({ sequence: "\x1b_" }, 1000), late.take({ sequence: "G" }, 1200)]).toEqual([true, false]);
});
