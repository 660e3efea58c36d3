import type { Writable } from "node:stream";
import type { SessionEvent } from "./events.js";
import { PlainConsole } from "./plain.js";
import { printable } from "./printable.js";
import { ASCII_BAR, progressBar, UNICODE_BAR } from "./terminal/progress-bar.js";
import type { TerminalOutput } from "./terminal/terminal.js";

/** A status line that changes more often than this flickers. */
const STATUS_MS = 100;

/** Plain text with a status line below it while something is loaded or made: on a terminal whose keys we do not read. */
export class StatusConsole extends PlainConsole {
  private shown = false;
  private shownAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly terminal: TerminalOutput,
    errors: Writable,
    private readonly unicode: boolean,
  ) {
    super(terminal, errors);
  }

  override handle(event: SessionEvent): void {
    if (event.type === "loading" || event.type === "progress") {
      if (performance.now() - this.shownAt >= STATUS_MS) this.show(event);
      return;
    }
    this.clear();
    super.handle(event);
  }

  /** Takes the status line away; what is told next starts in its first column. */
  clear(): void {
    if (this.shown) this.terminal.write("\r\x1b[K");
    this.shown = false;
    this.shownAt = Number.NEGATIVE_INFINITY;
  }

  private show(event: Extract<SessionEvent, { type: "loading" | "progress" }>): void {
    // A terminal that does not know its width says 0 or nothing; the last column would begin a new row.
    const columns = (this.terminal.columns || 80) - 1;
    const text =
      event.type === "loading"
        ? printable(`loading ${event.stage} ...`).slice(0, columns)
        : progressBar(event.progress, 0, columns, this.unicode ? UNICODE_BAR : ASCII_BAR);
    this.terminal.write(`\r${text}\x1b[K`);
    this.shown = true;
    this.shownAt = performance.now();
  }
}
