import type { Readable, Writable } from "node:stream";
import { isAnswerComplete, TERMINAL_QUERY } from "../../terminal-images/terminal-answer.js";

/** Where a terminal's keys come from. */
export type TerminalInput = Readable & { setRawMode?(raw: boolean): unknown };

/** Through a slow network the answer takes longer, and then pictures are not shown; the prompt must not wait for it. */
const LONGEST_WAIT_MS = 300;

/** What a terminal sends as an answer, among keys that were typed meanwhile. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: answers begin with a control character
const ANSWERS = /\x1b_[^\x1b]*\x1b\\|\x1b\[\?[\d;]*c|\x1b\[6;[\d;]*t/g;

/**
 * Asks the terminal what it can do, before anything else reads its keys. Keys that were typed meanwhile are put back.
 *
 * @returns what came; "" when nothing did, or when there is no real terminal
 */
export async function askTerminal(input: TerminalInput, output: Writable): Promise<string> {
  if (typeof input.setRawMode !== "function") return "";
  // Else the answer would be shown, and held back until Enter.
  input.setRawMode(true);
  const answer = await collect(input, () => output.write(TERMINAL_QUERY));
  const typed = answer.replaceAll(ANSWERS, "");
  if (typed !== "") input.unshift(Buffer.from(typed, "latin1"));
  input.setRawMode(false);
  return answer;
}

/** Bytes as characters of Latin-1, so that a letter that arrived in two halves is put back whole. */
function collect(input: Readable, ask: () => void): Promise<string> {
  return new Promise((resolve) => {
    let answer = "";
    const done = () => {
      clearTimeout(timer);
      input.off("data", take);
      input.pause();
      resolve(answer);
    };
    const take = (bytes: Buffer) => {
      answer += bytes.toString("latin1");
      if (isAnswerComplete(answer)) done();
    };
    const timer = setTimeout(done, LONGEST_WAIT_MS);
    input.on("data", take);
    ask();
  });
}
