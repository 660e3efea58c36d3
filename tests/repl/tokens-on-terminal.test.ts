import { PassThrough } from "node:stream";
import { expect, test } from "@jest/globals";
import { PlainConsole } from "../../lib/repl/plain.js";
import { Terminal } from "../../lib/repl/terminal/terminal.js";

const log = { prompt: "a cat", negative: "", texts: [{ label: "", tokens: ["a ", "cat "], discarded: ["now "] }] };

/** What a terminal gets for the tokens of a prompt. */
function onTerminal(colour: boolean): string {
  const output = Object.assign(new PassThrough(), { isTTY: true, columns: 80, rows: 24 });
  const terminal = new Terminal(Object.assign(new PassThrough(), { isTTY: true }), output, {
    style: { colour, unicode: false },
    history: [],
    complete: async () => [[], ""],
    showPicture: async () => undefined,
  });
  terminal.handle({ type: "tokens", log });
  terminal.close();
  return String(output.read());
}

test("tokens have colours of their own on a terminal that has any", () => {
  const shown = onTerminal(true);
  expect(shown).toContain("\x1b[40m\x1b[31ma \x1b[39m\x1b[49m\x1b[40m\x1b[32mcat ");
  expect(shown).toContain(">> [TOKENLOG] Tokens Discarded (1):");
});

test("a terminal without colours shows them plain", () => expect(onTerminal(false)).toContain("a cat "));

test("nothing is coloured in a pipe", () => {
  const output = new PassThrough();
  new PlainConsole(output, new PassThrough()).handle({ type: "tokens", log });
  expect(String(output.read())).toBe(
    ">> [TOKENLOG] Parsed Prompt: a cat\n>> [TOKENLOG] Parsed Negative Prompt: \n>> [TOKENLOG] Tokens (2):\na cat \n" +
      ">> [TOKENLOG] Tokens Discarded (1):\nnow \n",
  );
});
