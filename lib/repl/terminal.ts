import { createInterface, type Interface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { Chalk } from "chalk";
import { displayWidth } from "./display-width.js";
import type { SessionEvent } from "./events.js";
import { HISTORY_LINES } from "./history.js";
import { printable } from "./printable.js";
import { ASCII_BAR, progressBar, UNICODE_BAR } from "./progress-bar.js";
import { PROMPT } from "./prompt.js";
import type { Session } from "./session.js";

/** A terminal's writing side. */
export type TerminalOutput = Writable & { readonly columns?: number };

/** What the terminal can show. */
export interface TerminalStyle {
  readonly colour: boolean;
  readonly unicode: boolean;
}

/**
 * The prompt on a terminal. While something is loaded or made, a status line stands above the prompt, and the prompt stays alive below
 * it: readline owns the rows of the line being typed, we own everything above.
 */
export class Terminal {
  private readonly readline: Interface;
  private readonly chalk;
  private readonly unicode: boolean;
  private session: Session | undefined;
  private status: (columns: number) => string = () => "";
  private statusShown = false;
  private over = false;

  constructor(
    input: Readable,
    private readonly output: TerminalOutput,
    style: TerminalStyle,
    history: readonly string[],
  ) {
    this.chalk = new Chalk({ level: style.colour ? 1 : 0 });
    this.unicode = style.unicode;
    this.readline = createInterface({
      input,
      output,
      terminal: true,
      prompt: this.chalk.cyan(PROMPT),
      historySize: HISTORY_LINES,
      history: history.toReversed(),
    });
  }

  handle(event: SessionEvent): void {
    if (event.type === "text" || event.type === "problem") {
      const text = printable(event.text);
      this.redraw(event.type === "problem" ? this.chalk.red(text) : text);
      return;
    }
    if (event.type === "prefill" || event.type === "question" || event.type === "history-cleared") {
      this.fillBuffer(event);
      return;
    }
    if (event.type === "picture") return;
    this.status = this.statusOf(event);
    this.redraw();
  }

  /** Reads lines until the user leaves by `q`, Ctrl-D, or Ctrl-C at the prompt. */
  run(session: Session): Promise<void> {
    this.session = session;
    return new Promise((leave) => {
      const end = () => {
        if (this.over) return;
        this.over = true;
        this.eraseStatus();
        this.readline.close();
        this.output.write("goodbye!\n");
        leave();
      };
      const submit = async (line: string) => {
        if ((await session.submit(line)) === "leave") end();
      };
      this.readline.on("line", (line) => {
        this.lineEntered(line);
        if (session.asking) this.answered(session, line);
        else submit(line);
      });
      const interrupt = () => {
        const asked = session.asking;
        const outcome = session.interrupt();
        if (asked) this.endQuestion();
        if (outcome !== "idle" && outcome !== "leave") return;
        this.output.write("\n");
        end();
      };
      this.readline.on("SIGINT", interrupt);
      // Ctrl-D. What was typed before it still runs; Ctrl-C then arrives as a signal.
      this.readline.on("close", () => {
        if (this.over) return;
        this.output.write("\n");
        process.on("SIGINT", interrupt);
        submit("q");
      });
      this.redraw();
    });
  }

  /** Ends the prompt without a farewell. */
  close(): void {
    if (this.over) return;
    this.over = true;
    // The prompt goes too: what is told next starts in the first column.
    this.output.write(this.toStatusRow(this.readline.getCursorPos().rows));
    this.readline.close();
  }

  private readonly buffer = (): { history: string[]; line: string } => this.readline as Interface & { history: string[] };

  /** What a command puts into the edit buffer; text that the user is typing is never lost to it. */
  private fillBuffer(event: Extract<SessionEvent, { type: "prefill" | "question" | "history-cleared" }>): void {
    if (event.type === "history-cleared") {
      this.buffer().history.length = 0;
      return;
    }
    if (event.type === "question") this.readline.setPrompt(event.question.text);
    const text = event.type === "question" ? (event.question.initial ?? "") : event.line;
    if (this.buffer().line === "") this.readline.write(printable(text));
    else if (event.type === "prefill") this.redraw(`# ${printable(text)}`);
    this.redraw();
  }

  private answered(session: Session, line: string): void {
    this.endQuestion();
    // An answer is no command: Up does not bring it back.
    if (this.buffer().history[0] === line) this.buffer().history.shift();
    session.answer(line);
  }

  private endQuestion(): void {
    this.readline.setPrompt(this.chalk.cyan(PROMPT));
    this.redraw();
  }

  /** The status line as a function of its width, because the window may change while it stands. */
  private statusOf(event: Extract<SessionEvent, { type: "loading" | "progress" | "rest" }>): (columns: number) => string {
    if (event.type === "rest") return () => "";
    if (event.type === "loading") return (columns) => `loading ${event.stage} ...`.slice(0, columns);
    return (columns) => progressBar(event.progress, this.session?.waiting ?? 0, columns, this.unicode ? UNICODE_BAR : ASCII_BAR);
  }

  /** Writes `text` above the status line and draws status line and prompt anew. */
  private redraw(text?: string): void {
    if (this.over) return;
    const rows = this.readline.getCursorPos().rows;
    let out = this.toStatusRow(rows);
    if (text !== undefined) out += `${text}\n`;
    const status = this.status(this.columns() - 1);
    if (status !== "") out += `${this.chalk.dim(status)}\n`;
    this.statusShown = status !== "";
    this.output.write(out);
    // readline goes up by the rows that it believes the line to have, which is wrong after a paste; the cursor is where it should draw.
    (this.readline as Interface & { prevRows?: number }).prevRows = 0;
    this.readline.prompt(true);
  }

  /** Moves from the typed line's cursor row to the first row that is ours, and clears everything from there. */
  private toStatusRow(rows: number): string {
    const up = rows + (this.statusShown ? 1 : 0);
    return `${up > 0 ? `\x1b[${up}A` : ""}\r\x1b[J`;
  }

  /** A terminal that does not know its width says 0 or nothing. */
  private columns(): number {
    return this.output.columns || 80;
  }

  private eraseStatus(): void {
    if (this.statusShown) this.output.write(this.toStatusRow(this.readline.getCursorPos().rows));
    this.statusShown = false;
  }

  /** After Enter the typed line stays where it is; only the status line above it is taken out, to be drawn below. */
  private lineEntered(line: string): void {
    if (!this.statusShown) return;
    const rows = Math.floor(displayWidth(PROMPT + line) / this.columns()) + 1;
    this.output.write(`\x1b[${rows + 1}A\x1b[M\x1b[${rows}B\r`);
    this.statusShown = false;
    this.redraw();
  }
}
