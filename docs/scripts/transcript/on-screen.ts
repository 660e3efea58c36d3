import { PassThrough } from "node:stream";
import { main } from "../../../lib/cli/main.js";
import type { Engine } from "../../../lib/engine/engine.js";
import { TerminalScreen } from "../../../tests/support/terminal-screen.js";
import type { Act } from "./part.js";

/** So wide that no line of the examples is broken. */
const COLUMNS = 300;
/** A program that works moves its progress bar. */
const LONGEST_SILENCE_MS = 30_000;

/** What a piped run wrote, and how it ended. */
export interface PipedRun {
  readonly rows: readonly string[];
  readonly status: number;
}

/** The whole program with a person before it: keys go in, a screen comes out. */
export class OnScreen {
  private readonly screen = new TerminalScreen(COLUMNS, 1000);
  private readonly input = Object.assign(new PassThrough(), { isTTY: true });
  private readonly ended: Promise<number>;
  private noted = 0;
  private rows: readonly string[] = [];

  constructor(launch: readonly string[], createEngine: () => Engine) {
    this.ended = main(launch, { input: this.input, output: this.screen, errors: this.screen, environment: ENVIRONMENT, createEngine });
  }

  /** @returns the rows of the start, before the first prompt */
  async opened(): Promise<readonly string[]> {
    await this.until("Awaiting your command");
    return this.newRows();
  }

  /** @returns the rows that the act brought, the one that was typed into first */
  async play({ keys, shows, after }: Act): Promise<readonly string[]> {
    this.input.write(typeof keys === "string" ? keys : keys(this.rows));
    if (shows === undefined) {
      await this.ended;
      return this.newRows(true);
    }
    await this.until(shows);
    this.rows = this.newRows(after !== undefined);
    if (after !== undefined) {
      this.input.write(after);
      await this.until("");
    }
    return this.rows;
  }

  async close(): Promise<void> {
    this.input.write("\x15q\r");
    await this.ended;
  }

  /** The row of the prompt belongs to what comes next, unless something was put there. */
  private newRows(withPrompt = false): readonly string[] {
    const { lines } = this.screen;
    const end = lines.length - (withPrompt ? 0 : 1);
    // The program names a line that was typed while the one before was not quite over; whether that is so is chance here.
    const rows = lines.slice(this.noted, end).filter((row) => !row.startsWith("#"));
    this.noted = lines.length - 1;
    return rows;
  }

  private async until(shown: string): Promise<void> {
    const there = () => {
      const { lines, cursorLine } = this.screen;
      return lines.slice(this.noted).join("\n").includes(shown) && cursorLine.startsWith("dream>") && lines.at(-1) === cursorLine;
    };
    let [written, since] = ["", Date.now()];
    while (!there()) {
      if (this.screen.written !== written) [written, since] = [this.screen.written, Date.now()];
      if (Date.now() - since > LONGEST_SILENCE_MS)
        throw new Error(`${JSON.stringify(shown)} never came; the screen shows\n${this.screen.text}`);
      await new Promise((resume) => setTimeout(resume, 5));
    }
  }
}

/** No colours: a document has none. */
const ENVIRONMENT = { TERM: "xterm", LANG: "C.UTF-8", NO_COLOR: "1" };

/** Sends lines through a pipe; complaints stand among the answers, as a terminal would show them. */
export async function piped(launch: readonly string[], lines: readonly string[], createEngine: () => Engine): Promise<PipedRun> {
  const screen = new TerminalScreen(COLUMNS, 1000);
  screen.isTTY = false;
  const input = new PassThrough();
  input.end(lines.map((line) => `${line}\n`).join(""));
  const status = await main(launch, { input, output: screen, errors: screen, environment: ENVIRONMENT, createEngine });
  return { rows: screen.lines, status };
}
