import { PassThrough } from "node:stream";
import { displayWidth } from "../../lib/repl/terminal/display-width.js";

/** One control sequence, or one character. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about
const PIECE = /\x1b\[[?>]?[\d;]*[A-Za-z]|\x1b[78=>c]|\x1b[\]_PG][^\x07\x1b]*(?:\x07|\x1b\\)|[\s\S]/gu;

/**
 * A terminal's screen as far as line editing needs one: it turns what a program writes into the rows that a person sees, so that tests
 * look at the screen and not at bytes. Lines wrap with the cursor waiting in the last column, as in xterm; what scrolls off the top is
 * kept.
 */
export class TerminalScreen extends PassThrough {
  isTTY = true;
  /** Everything that was written. */
  written = "";
  private readonly cells: string[][] = [[]];
  private row = 0;
  private column = 0;
  /** First row that is still on the screen. */
  private top = 0;
  private rest = "";

  constructor(
    public columns = 80,
    public rows = 24,
  ) {
    super();
    this.setEncoding("utf8");
    this.on("data", (text: string) => this.show(text));
  }

  /** All rows, those scrolled away included, without blanks at their ends and without empty rows at the end. */
  get lines(): readonly string[] {
    const lines = this.cells.map((cells) =>
      Array.from(cells, (cell) => cell ?? " ")
        .join("")
        .trimEnd(),
    );
    while (lines.length > 0 && lines.at(-1) === "") lines.pop();
    return lines;
  }

  get text(): string {
    return this.lines.join("\n");
  }

  /** The row in which the cursor is. */
  get cursorLine(): string {
    return this.lines[this.row] ?? "";
  }

  /** Cells to the left of the cursor. */
  get cursorColumn(): number {
    return this.column;
  }

  /** A window of another width; rows are not broken anew. */
  resize(columns: number): void {
    this.columns = columns;
    this.emit("resize");
  }

  private show(text: string): void {
    this.written += text;
    // A sequence may be cut in two by the writes.
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about
    const [whole = "", rest = ""] = /^([\s\S]*?)(\x1b(?:\[[?>]?[\d;]*)?)?$/.exec(this.rest + text)?.slice(1) ?? [];
    this.rest = rest;
    for (const [piece] of whole.matchAll(PIECE)) this.piece(piece);
  }

  private piece(piece: string): void {
    if (piece.startsWith("\x1b[")) this.control(piece);
    else if (piece === "\n") this.nextRow();
    else if (piece === "\r") this.column = 0;
    else if (piece === "\b") this.column = Math.max(0, this.column - 1);
    else if (!/^\p{Cc}/u.test(piece)) this.character(piece);
  }

  private character(character: string): void {
    const width = displayWidth(character);
    if (this.column + width > this.columns) this.nextRow();
    const cells = this.cells[this.row] as string[];
    cells[this.column] = character;
    if (width === 2) cells[this.column + 1] = "";
    this.column += width;
  }

  /** A terminal's driver puts a carriage return before every line end. */
  private nextRow(): void {
    this.column = 0;
    this.row++;
    this.cells[this.row] ??= [];
    this.top = Math.max(this.top, this.row - this.rows + 1);
  }

  private control(sequence: string): void {
    const final = sequence.at(-1) as string;
    const [first = "", second = ""] = sequence.slice(2, -1).split(";");
    const count = Number(first) || 1;
    if (final === "A") this.row = Math.max(this.top, this.row - count);
    else if (final === "B") this.row = Math.min(this.top + this.rows - 1, this.row + count);
    else if (final === "C") this.column = Math.min(this.columns - 1, this.column + count);
    else if (final === "D") this.column = Math.max(0, Math.min(this.column, this.columns - 1) - count);
    else if (final === "G") this.column = count - 1;
    else if (final === "H") [this.row, this.column] = [this.top + count - 1, (Number(second) || 1) - 1];
    else if (final === "J") this.eraseBelow(first);
    else if (final === "K") this.eraseInRow(first);
    else if (!"mhlct".includes(final)) throw new Error(`the screen does not know ${JSON.stringify(sequence)}`);
    while (this.cells.length <= this.row) this.cells.push([]);
  }

  private eraseBelow(which: string): void {
    if (which === "2") for (let row = this.top; row < this.cells.length; row++) this.cells[row] = [];
    else {
      this.eraseInRow("");
      this.cells.length = this.row + 1;
    }
  }

  private eraseInRow(which: string): void {
    const cells = this.cells[this.row] as string[];
    if (which === "2") this.cells[this.row] = [];
    else if (which === "1") cells.fill(" ", 0, this.column + 1);
    else cells.length = Math.min(cells.length, this.column);
  }
}
