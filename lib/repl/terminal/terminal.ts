import type { Readable, Writable } from "node:stream";
import { Chalk } from "chalk";
import { DreamError } from "../../errors.js";
import type { Question } from "../commands/command.js";
import type { SessionEvent, ShownPicture } from "../events.js";
import { printable } from "../printable.js";
import { PROMPT } from "../prompt.js";
import type { Session } from "../session.js";
import { tokenLines } from "../studio/token-lines.js";
import { displayWidth } from "./display-width.js";
import type { EditBuffer } from "./history-search.js";
import { LineEditor } from "./line-editor.js";
import { LivePreview } from "./live-preview.js";
import type { DrawPreview, ShowPicture, Window } from "./show-pictures.js";
import { StatusLine } from "./status-line.js";

/** A terminal's writing side. */
export type TerminalOutput = Writable & { readonly columns?: number; readonly rows?: number };

/** What the terminal can show. */
export interface TerminalStyle {
  readonly colour: boolean;
  readonly unicode: boolean;
}

/** What a terminal is opened with. */
export interface TerminalOptions {
  readonly style: TerminalStyle;
  /** Lines of earlier sessions, oldest first. */
  readonly history: readonly string[];
  /** What Tab offers: candidates, and the end of `before` that they replace. */
  readonly complete: (before: string, completes: Question["completes"]) => Promise<readonly [string[], string]>;
  readonly showPicture: ShowPicture;
  /** How a picture on its way is drawn; absent where none is shown. */
  readonly drawPreview?: DrawPreview;
}

/**
 * The prompt on a terminal. While something is loaded or made, a status line stands above the prompt, above that the picture as it is by
 * then, and the prompt stays alive below them: the line editor owns the rows of the line being typed, we own everything above.
 */
export class Terminal {
  private readonly editor: LineEditor;
  private readonly chalk;
  private readonly status: StatusLine;
  private readonly preview: LivePreview;
  private readonly showPicture: ShowPicture;
  /** What was told while a picture was being drawn; what comes after it is shown after it. */
  private waiting: SessionEvent[] | undefined;
  private session: Session | undefined;
  private statusShown = "";
  /** False between Enter and the next prompt: the cursor is in an empty row. */
  private promptShown = false;
  private question: { readonly question: Question; readonly interrupted: EditBuffer } | undefined;
  private left: () => void = () => {};
  private leaving = false;
  private over = false;

  constructor(
    input: Readable,
    private readonly output: TerminalOutput,
    { style, history, complete, showPicture, drawPreview }: TerminalOptions,
  ) {
    this.showPicture = showPicture;
    this.chalk = new Chalk({ level: style.colour ? 1 : 0 });
    this.status = new StatusLine(
      style.unicode,
      () => this.redraw(),
      () => this.session?.waiting ?? 0,
    );
    this.preview = new LivePreview(
      drawPreview,
      () => ({ columns: this.columns(), rows: this.window().rows - this.lineRows() }),
      () => this.redraw(),
    );
    this.editor = new LineEditor(input, output, history, {
      beforeLine: () => this.takeStatusAway(),
      line: (line) => this.entered(line),
      interrupt: () => this.interrupt(),
      endOfInput: () => this.endOfInput(),
      closed: () => this.leave(),
      redraw: (change) => this.redraw({ change }),
      clearScreen: () => this.startAfresh("\x1b[H\x1b[2J"),
      continued: () => this.startAfresh(""),
      complete: (before) => complete(before, this.question?.question.completes),
      show: (text, kind) => this.redraw({ text: kind === "problem" ? this.chalk.red(printable(text)) : printable(text) }),
    });
    this.editor.setPrompt(this.chalk.cyan(PROMPT));
    // Before readline's own listener, which knows only the rows of the line.
    output.prependListener("resize", this.resized);
  }

  handle(event: SessionEvent): void {
    if (this.waiting) this.waiting.push(event);
    else if (event.type === "picture") void this.draw(event.picture);
    else this.show(event);
  }

  private show(event: Exclude<SessionEvent, { type: "picture" }>): void {
    if (event.type === "text") this.redraw({ text: this.emphasised(event) });
    else if (event.type === "tokens") this.redraw({ text: tokenLines(event.log, this.coloured).join("\n") });
    else if (event.type === "problem") this.redraw({ text: this.chalk.red(printable(event.text)) });
    else if (event.type === "prefill") this.prefill(event.line);
    else if (event.type === "question") this.ask(event.question);
    else if (event.type === "history-cleared") this.editor.forgetHistory();
    else if (event.type === "preview") this.preview.tell(event.preview);
    else {
      // What a picture looked like on its way is over before the next one, and whatever else is done then.
      if (event.type !== "progress" || event.progress.step === 0) this.preview.forget();
      this.status.tell(event);
    }
  }

  private async draw(picture: ShownPicture): Promise<void> {
    this.waiting = [];
    this.preview.forget();
    try {
      const text = await this.showPicture(picture, this.window());
      if (text !== undefined) this.redraw({ text: text.replace(/\n$/, "") });
    } catch (error) {
      const reason = error instanceof DreamError ? error.sentence : String(error);
      this.redraw({ text: this.chalk.red(printable(`** ${picture.path} cannot be shown: ${reason}`)) });
    }
    const waiting = this.waiting;
    this.waiting = undefined;
    for (const event of waiting) this.handle(event);
  }

  private readonly coloured = (token: string, index: number): string => {
    const colours = ["red", "green", "yellow", "blue", "magenta", "cyan"] as const;
    return this.chalk.bgBlack[colours[index % colours.length] ?? "red"](token);
  };

  private emphasised({ text, emphasis }: Extract<SessionEvent, { type: "text" }>): string {
    const lines = printable(text).split("\n");
    return lines.map((line, index) => (index === emphasis ? this.chalk.bold(line) : line)).join("\n");
  }

  /** Reads lines until the user leaves by `q`, Ctrl-D, or Ctrl-C at the prompt. */
  run(session: Session): Promise<void> {
    this.session = session;
    return new Promise((left) => {
      this.left = left;
      this.redraw();
    });
  }

  /** Ends the prompt without a farewell. */
  close(): void {
    if (this.over) return;
    // The prompt goes too: what is told next starts in the first column.
    this.output.write(this.toFirstRow());
    this.over = true;
    this.status.stop();
    this.preview.forget();
    this.output.off("resize", this.resized);
    this.editor.close();
  }

  private end(): void {
    if (this.over) return;
    // Who leaves while a picture is being drawn wants to see what was told, not the picture.
    for (const event of this.waiting ?? []) if (event.type !== "picture") this.show(event);
    this.close();
    this.output.write("goodbye!\n");
    this.left();
  }

  /** @returns true when Up brings the line back */
  private entered(line: string): boolean {
    this.promptShown = false;
    if (this.question) {
      this.endQuestion();
      this.session?.answer(line);
      return false;
    }
    if (!this.leaving) void this.submit(line);
    this.redraw();
    return true;
  }

  private async submit(line: string): Promise<void> {
    if ((await this.session?.submit(line)) === "leave") this.end();
  }

  private interrupt(): void {
    const outcome = this.session?.interrupt() ?? "idle";
    if (this.question) this.endQuestion();
    else if (outcome === "idle" || outcome === "leave") this.end();
  }

  private endOfInput(): void {
    if (this.question) {
      this.endQuestion();
      this.session?.answer(undefined);
    } else {
      this.leave();
    }
  }

  /** What was typed before still runs; Ctrl-C still stops it. */
  private leave(): void {
    if (this.leaving) return;
    this.leaving = true;
    this.redraw({ change: () => this.editor.setPrompt("") });
    void this.submit("q");
  }

  /** What a command puts into the edit buffer; text that the user is typing is never lost to it. */
  private prefill(line: string): void {
    const free = !this.question && this.editor.buffer.line === "";
    if (free) this.redraw({ change: () => this.editor.fill(atEnd(line)) });
    else this.redraw({ text: `# ${printable(line)}` });
  }

  /** A line that is being typed when the question comes is no answer; it comes back afterwards. */
  private ask(question: Question): void {
    // Given up while a picture was being drawn.
    if (!this.session?.asking) return;
    const interrupted = this.question?.interrupted ?? this.editor.buffer;
    this.question = { question, interrupted };
    this.redraw({
      change: () => {
        this.editor.setPrompt(printable(question.text));
        this.editor.fill(atEnd(question.initial ?? ""));
      },
    });
  }

  private endQuestion(): void {
    const interrupted = this.question?.interrupted ?? atEnd("");
    this.question = undefined;
    this.redraw({
      change: () => {
        this.editor.setPrompt(this.chalk.cyan(PROMPT));
        this.editor.fill(interrupted);
      },
    });
  }

  /** Takes prompt, line and status off the screen, writes `text` where they stood, and draws them anew below it. */
  private redraw({ text, change }: { readonly text?: string; readonly change?: () => void } = {}): void {
    if (this.over) return;
    const keepsPreview = text === undefined && change === undefined && this.promptShown && this.preview.isShown();
    let out = keepsPreview ? this.toStatusRow() : this.toFirstRow();
    change?.();
    if (text !== undefined) out += `${text}\n`;
    if (!keepsPreview) out += this.preview.text();
    this.statusShown = this.status.text(this.columns() - 1);
    if (this.statusShown !== "") out += `${this.chalk.dim(this.statusShown)}\n`;
    this.output.write(out);
    this.editor.draw();
    this.promptShown = true;
  }

  /** Moves from the typed line's cursor row to the first row that is ours, and clears everything from there. */
  private toFirstRow(): string {
    return this.toStatusRow(this.preview.shownRows(this.columns()));
  }

  /** The same, but what stands above the status line stays. @param rowsAbove of that which go too */
  private toStatusRow(rowsAbove = 0): string {
    // A narrower window has broken the status line into several rows.
    const statusRows = Math.ceil(displayWidth(this.statusShown) / this.columns());
    const up = this.promptShown ? this.editor.cursorRow + statusRows + rowsAbove : 0;
    return `${up > 0 ? `\x1b[${up}A` : ""}\r\x1b[J`;
  }

  /** After Enter the typed line stays where it is; the status line above it is taken out, to be drawn below. */
  private takeStatusAway(): void {
    if (this.statusShown === "" && this.preview.shownRows(this.columns()) === 0) return;
    this.output.write(this.toFirstRow());
    this.statusShown = "";
    this.preview.taken();
    this.editor.draw();
  }

  /** Draws status and prompt where the cursor is now, or after `clearing` moved it. */
  private startAfresh(clearing: string): void {
    this.promptShown = false;
    this.output.write(clearing);
    this.redraw();
  }

  // All of it: the window may have broken the rows of what stands there.
  private readonly resized = (): void => this.redraw({ change: () => {} });

  /** Rows that prompt and line take, with the cursor behind them. */
  private lineRows(): number {
    return Math.ceil((PROMPT.length + displayWidth(this.editor.buffer.line) + 1) / this.columns());
  }

  private window(): Window {
    return { columns: this.columns(), rows: this.output.rows || 24 };
  }

  /** A terminal that does not know its width says 0 or nothing. */
  private columns(): number {
    return this.output.columns || 80;
  }
}

function atEnd(line: string): EditBuffer {
  return { line, cursor: Number.POSITIVE_INFINITY };
}
