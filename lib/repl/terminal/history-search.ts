/** What stands in the edit buffer. */
export interface EditBuffer {
  readonly line: string;
  /** UTF-16 units before the cursor. */
  readonly cursor: number;
}

/** Place of a search: how far back, where in the line, and for which text. */
interface Place {
  readonly text: string;
  /** Index into the history, newest first; -1 is the line that was being typed. */
  readonly index: number;
  readonly cursor: number;
  readonly failed: boolean;
}

/**
 * Incremental search through the history, as Ctrl-R of GNU readline: every letter narrows the search, Backspace widens it again, and
 * capitals count.
 */
export class HistorySearch {
  private readonly places: Place[] = [];
  private place: Place;
  private backward: boolean;

  /**
   * @param history newest first
   * @param typed comes back when the search is given up
   * @param last text of the search before; Ctrl-R on an empty search looks for it again
   */
  constructor(
    private readonly history: readonly string[],
    readonly typed: EditBuffer,
    direction: "backward" | "forward",
    private readonly last: string,
  ) {
    this.place = { text: "", index: -1, cursor: typed.cursor, failed: false };
    this.backward = direction === "backward";
  }

  get text(): string {
    return this.place.text;
  }

  /** The line found, or the last one found before the search failed; the cursor stands before the text. */
  get found(): EditBuffer {
    return { line: this.lineAt(this.place.index) ?? this.typed.line, cursor: this.place.cursor };
  }

  get prompt(): string {
    return `(${this.place.failed ? "failed " : ""}${this.backward ? "reverse-" : ""}i-search)\`${this.text}': `;
  }

  /** The search goes on for a longer text, beginning with the line that is shown. */
  narrow(text: string): void {
    this.places.push(this.place);
    this.place = this.looking(this.text + text, this.place.index);
  }

  /** Takes the last narrowing back. */
  widen(): void {
    this.place = this.places.pop() ?? this.place;
  }

  /** The next line that holds the text, further back or further forward. */
  go(direction: "backward" | "forward"): void {
    this.backward = direction === "backward";
    if (this.text === "") {
      if (this.last !== "") this.narrow(this.last);
      return;
    }
    const shown = this.lineAt(this.place.index);
    let next = this.looking(this.text, this.place.index + this.step);
    // The same line again would look as if the key did nothing.
    while (!next.failed && this.lineAt(next.index) === shown) next = this.looking(this.text, next.index + this.step);
    this.place = next;
  }

  private get step(): number {
    return this.backward ? 1 : -1;
  }

  private lineAt(index: number): string | undefined {
    return index === -1 ? this.typed.line : this.history[index];
  }

  private looking(text: string, start: number): Place {
    for (let index = start; index >= -1 && index < this.history.length; index += this.step) {
      const cursor = this.lineAt(index)?.lastIndexOf(text) ?? -1;
      if (cursor >= 0) return { text, index, cursor, failed: false };
    }
    return { ...this.place, text, failed: true };
  }
}
