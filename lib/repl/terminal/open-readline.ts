import { createInterface, type Interface, type Key } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { HISTORY_LINES } from "../history/history.js";

/** The parts of readline's interface that Node's types leave out; the REPL of Node 20, 22 and 24 is built on them. */
export interface OpenReadline extends Omit<Interface, "line" | "cursor"> {
  line: string;
  cursor: number;
  /** Newest first. */
  readonly history: string[];
  /** Rows between the prompt and the cursor when the line was drawn last. */
  prevRows: number;
  _ttyWrite: PressKey;
}

/** Carries out a key: `text` is what it writes, if anything. */
export type PressKey = (text: string | undefined, key: Key) => void;

/**
 * Opens readline on a terminal with our own way of carrying out keys: every key comes to `press`, which may hand it on to readline's.
 *
 * @param history oldest first
 */
export function openReadline(
  input: Readable,
  output: Writable,
  history: readonly string[],
  press: PressKey,
): { readline: OpenReadline; readlinePress: PressKey } {
  const opened: unknown = createInterface({ input, output, terminal: true, historySize: HISTORY_LINES, history: history.toReversed() });
  const readline = opened as OpenReadline;
  const readlinePress = readline._ttyWrite.bind(readline);
  readline._ttyWrite = press;
  return { readline, readlinePress };
}
