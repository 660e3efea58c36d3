import type { Readable, Writable } from "node:stream";
import { readLogLine } from "../images/metadata/read-log.js";
import type { SessionEvent } from "./events.js";
import { LONGEST_LINE } from "./longest-line.js";
import { printable } from "./printable.js";
import { PROMPT } from "./prompt.js";
import { readLines } from "./read-lines.js";
import type { Session } from "./session.js";
import { tokenLines } from "./studio/token-lines.js";

/**
 * Writes plain text: no colour, no cursor movement, no progress bar. For lines from a file or a pipe, and for a keyboard whose program's
 * output goes elsewhere (`dream | tee log`).
 */
export class PlainConsole {
  private readonly ending = new AbortController();

  constructor(
    private readonly output: Writable,
    private readonly errors: Writable,
  ) {}

  handle(event: SessionEvent): void {
    if (event.type === "text") this.output.write(`${printable(event.text)}\n`);
    if (event.type === "tokens") this.output.write(`${printable(tokenLines(event.log).join("\n"))}\n`);
    if (event.type === "prefill") this.output.write(`# ${printable(event.line)}\n`);
    if (event.type === "problem") this.errors.write(`${printable(event.text)}\n`);
  }

  /** Ends the run after the picture being made has stopped. @returns false when none is being made */
  interrupt(session: Session): boolean {
    this.ending.abort();
    return session.interrupt() !== "idle";
  }

  /**
   * Runs every line, also after one that failed.
   *
   * @param typed lines come from a keyboard: a prompt asks for them. Otherwise each is echoed as `#line`, so that a log reads like a
   * session, and one that failed shows in the exit status; a line of a log stands for the command in it
   * @returns exit status: 0 when every line succeeded
   * @throws DreamError file/unreadable
   */
  async run(session: Session, input: Readable, typed: boolean): Promise<number> {
    let status = 0;
    const ask = () => typed && this.output.write(PROMPT);
    ask();
    for await (const line of readLines(input, this.ending.signal)) {
      if (!typed && line.trim() !== "") this.output.write(`#${printable(shorten(line.trim()))}\n`);
      const result = await session.submit(typed ? line : (readLogLine(line) ?? line));
      if (result === "failed" && !typed) status = 1;
      if (result === "leave" || this.ending.signal.aborted) break;
      ask();
    }
    return this.ending.signal.aborted ? 1 : status;
  }

  /** Runs one line that nobody needs to be shown again. @returns exit status */
  async runOne(session: Session, line: string): Promise<number> {
    const result = await session.submit(line);
    return result === "failed" || this.ending.signal.aborted ? 1 : 0;
  }
}

/** What is too long to be run is too long to be read. */
function shorten(line: string): string {
  return line.length <= LONGEST_LINE ? line : `${line.slice(0, 200)} ...`;
}
