import type { Key } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { commonStart } from "../completion/common-start.js";
import { inTime } from "../completion/in-time.js";
import { LONGEST_LINE } from "../longest-line.js";
import { Paste, PasteMarks } from "./bracketed-paste.js";
import { type EditBuffer, HistorySearch } from "./history-search.js";
import { LateAnswer } from "./late-answer.js";
import { LineCuts } from "./line-cuts.js";
import { type OpenReadline, openReadline, type PressKey } from "./open-readline.js";

/** Keys typed after Tab wait so long for the completions; then there are none. */
const LONGEST_COMPLETION_MS = 1000;
/** More lines in one paste belong into a file. */
const MOST_PASTED_LINES = 10_000;
const CONTROL = /\p{Cc}/u;

/** What the editor tells of. */
export interface LineHandlers {
  /** Just before Enter is carried out: the rows above the line can be put in order. */
  beforeLine(): void;
  /** Enter. @returns true when the line has a place in the history that Up brings back */
  line(text: string): boolean;
  /** Ctrl-C, not while searching. */
  interrupt(): void;
  /** Ctrl-D on an empty line. */
  endOfInput(): void;
  /** The terminal is gone. */
  closed(): void;
  /** Takes prompt and line off the screen, has them changed, and draws them anew by `draw`. */
  redraw(change: () => void): void;
  /** Ctrl-L. */
  clearScreen(): void;
  /** The program was stopped by Ctrl-Z and goes on; the screen belongs to whatever ran meanwhile. */
  continued(): void;
  /** Candidates for Tab, and the end of `before` that they replace. */
  complete(before: string): Promise<readonly [string[], string]>;
  /** Shows text above the line. */
  show(text: string, kind: "list" | "problem"): void;
}

/**
 * Node's readline with what it lacks: searching the history by Ctrl-R, cuts of Ctrl-W in the kill ring, candidates of Tab listed at
 * once, pasted text told from typed text. Every key passes `press`; what is not ours is handed on to readline.
 */
export class LineEditor {
  private readonly readline: OpenReadline;
  private readonly readlinePress: PressKey;
  private readonly marks: PasteMarks;
  private readonly paste = new Paste();
  private readonly lateAnswer = new LateAnswer();
  private readonly cuts: LineCuts;
  private prompt = "";
  private search: HistorySearch | undefined;
  private lastSearch = "";
  private typed = "";
  /** Keys that wait for the completions of a Tab before them. */
  private held: Parameters<PressKey>[] | undefined;
  private over = false;

  constructor(
    input: Readable,
    output: Writable,
    history: readonly string[],
    private readonly handlers: LineHandlers,
  ) {
    const { readline, readlinePress } = openReadline(input, output, history, (text, key) => this.press(text, key));
    this.readline = readline;
    this.readlinePress = readlinePress;
    this.cuts = new LineCuts({
      look: () => ({ line: readline.line, cursor: readline.cursor }),
      press: readlinePress,
      replace: (buffer) => handlers.redraw(() => this.put(buffer)),
    });
    this.readline.on("close", () => {
      if (this.over) return;
      this.close();
      handlers.closed();
    });
    this.readline.on("SIGCONT", () => {
      this.marks.ask();
      handlers.continued();
    });
    this.marks = new PasteMarks(output);
    this.marks.ask();
    process.on("SIGTERM", this.terminated);
  }

  /** What is being typed; while searching, what was typed before. */
  get buffer(): EditBuffer {
    this.insertTyped();
    return this.search?.typed ?? { line: this.readline.line, cursor: this.readline.cursor };
  }

  /** Puts a line into the edit buffer, to be called while prompt and line are off the screen. */
  fill({ line, cursor }: EditBuffer): void {
    this.search = undefined;
    this.readline.setPrompt(this.prompt);
    this.put({ line: line.slice(0, LONGEST_LINE).replaceAll(/\p{Cc}/gu, " "), cursor });
  }

  /** The prompt from now on, to be called while prompt and line are off the screen. */
  setPrompt(prompt: string): void {
    this.prompt = prompt;
    this.readline.setPrompt(this.search?.prompt ?? prompt);
  }

  forgetHistory(): void {
    this.readline.history.length = 0;
  }

  /** Rows between the first row of the prompt and the cursor. */
  get cursorRow(): number {
    this.insertTyped();
    return this.readline.getCursorPos().rows;
  }

  /** Draws prompt and line where the cursor is. */
  draw(): void {
    // readline goes up by the rows that it believes the line to have; the cursor already is where it should draw.
    this.readline.prevRows = 0;
    if (!this.over) this.readline.prompt(true);
  }

  close(): void {
    if (this.over) return;
    this.over = true;
    process.off("SIGTERM", this.terminated);
    this.marks.forget();
    this.readline.close();
  }

  private readonly terminated = (): void => {
    this.close();
    process.kill(process.pid, "SIGTERM");
  };

  private press(text: string | undefined, key: Key): void {
    if (this.held) {
      this.held.push([text, key]);
      return;
    }
    const paste = this.paste.take(text, key);
    if (paste === undefined) return;
    if (paste !== "typed") this.pasted(paste.pasted);
    else if (this.lateAnswer.take(key)) return;
    else if (text !== undefined && !key.ctrl && !key.meta && !CONTROL.test(text)) this.type(text);
    else {
      this.insertTyped();
      this.command(text, key);
    }
  }

  /** Letters of one read are put in together: one by one a long text would take quadratic time. */
  private type(text: string): void {
    if (this.typed === "") queueMicrotask(() => this.insertTyped());
    this.typed += text;
  }

  private insertTyped(): void {
    const text = this.typed;
    this.typed = "";
    if (text !== "" && !this.over) this.insert(text);
  }

  private insert(text: string): void {
    this.cuts.interrupted();
    if (this.search) this.searching((search) => search.narrow(text));
    else this.readlinePress(text, {});
  }

  /** Complete lines run; what follows the last line end stays in the buffer. */
  private pasted(text: string): void {
    this.insertTyped();
    const lines = text.split("\n");
    const tooLong = lines.find((line) => line.length > LONGEST_LINE);
    if (tooLong !== undefined) {
      this.handlers.show(`** The pasted line has ${tooLong.length} characters; at most ${LONGEST_LINE} are taken`, "problem");
      return;
    }
    if (lines.length > MOST_PASTED_LINES) {
      const advice = "put them into a file and give that to --from_file";
      this.handlers.show(`** The pasted text has ${lines.length} lines; at most ${MOST_PASTED_LINES} are taken; ${advice}`, "problem");
      return;
    }
    if (lines.length > 1) this.accept();
    lines.forEach((line, i) => {
      if (this.over) return;
      if (line !== "") this.insert(line);
      if (i < lines.length - 1) this.enter("\r", { name: "return" });
    });
  }

  private command(text: string | undefined, key: Key): void {
    const name = `${key.ctrl ? "ctrl-" : key.meta ? "meta-" : ""}${key.name}`;
    if (this.search && this.searchKey(name)) return;
    if (this.cuts.press(name, text, key)) return;
    this.cuts.interrupted();
    if (name === "return" || name === "enter") this.enter(text, key);
    else if (name === "ctrl-c") this.handlers.interrupt();
    else if (name === "ctrl-d" && this.readline.line === "") this.handlers.endOfInput();
    else if (name === "ctrl-r") this.startSearch("backward");
    else if (name === "ctrl-s") this.startSearch("forward");
    else if (name === "tab") void this.complete();
    else if (name === "ctrl-l") this.handlers.clearScreen();
    else {
      // The program sleeps; meanwhile the terminal serves another one.
      if (name === "ctrl-z") this.marks.forget();
      this.readlinePress(text, key);
    }
  }

  private enter(text: string | undefined, key: Key): void {
    this.handlers.beforeLine();
    const history = [...this.readline.history];
    let entered = false;
    const line = (content: string) => {
      entered = true;
      if (!this.handlers.line(content)) this.readline.history.splice(0, Number.POSITIVE_INFINITY, ...history);
    };
    this.readline.once("line", line);
    this.readlinePress(text, key);
    this.readline.off("line", line);
    // readline takes the second half of a \r\n for nothing.
    if (!entered) this.handlers.redraw(() => {});
  }

  private startSearch(direction: "backward" | "forward"): void {
    this.search = new HistorySearch([...this.readline.history], this.buffer, direction, this.lastSearch);
    this.searching(() => {});
  }

  /** @returns false when the key ends the search and is then carried out as usual */
  private searchKey(name: string): boolean {
    if (name === "ctrl-r") this.searching((search) => search.go("backward"));
    else if (name === "ctrl-s") this.searching((search) => search.go("forward"));
    else if (name === "backspace" || name === "ctrl-h") this.searching((search) => search.widen());
    else if (name === "ctrl-g" || name === "ctrl-c") this.accept("typed");
    else {
      this.accept();
      return name === "escape" || name === "meta-escape";
    }
    return true;
  }

  private searching(step: (search: HistorySearch) => void): void {
    if (!this.search) return;
    const { search } = this;
    this.handlers.redraw(() => {
      step(search);
      this.readline.setPrompt(search.prompt);
      this.put(search.found);
    });
  }

  /** Ends a search with the line found, or with what was typed before it. */
  private accept(which: "found" | "typed" = "found"): void {
    const search = this.search;
    if (!search) return;
    if (search.text !== "") this.lastSearch = search.text;
    this.handlers.redraw(() => this.fill(search[which]));
  }

  private async complete(): Promise<void> {
    const { line, cursor } = this.readline;
    this.held = [];
    try {
      const found = await inTime(this.handlers.complete(line.slice(0, cursor)), LONGEST_COMPLETION_MS);
      // A question or a prefilled line may have come meanwhile.
      const same = this.readline.line === line && this.readline.cursor === cursor;
      if (!this.over && same && found) this.offer(...found);
    } catch (error) {
      this.handlers.show(`** Tab finds nothing: ${error instanceof Error ? error.message : String(error)}`, "problem");
    } finally {
      const held = this.held;
      this.held = undefined;
      for (const press of held) this.press(...press);
    }
  }

  /** What all candidates begin with goes into the line; several candidates are listed at once, one a row. */
  private offer(candidates: readonly string[], replaced: string): void {
    const { line, cursor } = this.readline;
    const start = commonStart(candidates);
    if (candidates.length === 1 || start.length > replaced.length) {
      const place = cursor - replaced.length;
      this.handlers.redraw(() => this.put({ line: line.slice(0, place) + start + line.slice(cursor), cursor: place + start.length }));
    }
    if (candidates.length > 1) this.handlers.show(candidates.join("\n"), "list");
  }

  private put({ line, cursor }: EditBuffer): void {
    this.readline.line = line;
    this.readline.cursor = Math.min(cursor, line.length);
  }
}
