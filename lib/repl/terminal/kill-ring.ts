/** Texts that are remembered; GNU readline keeps ten as well. */
const LARGEST_RING = 10;

/** What Ctrl-K, Ctrl-U and Ctrl-W cut out, for Ctrl-Y and Alt-Y. */
export class KillRing {
  private readonly texts: string[] = [];
  private place = 0;

  /**
   * Remembers a text.
   *
   * @param join several cuts in a row make one text: "before" puts this one in front of the last, "behind" after it
   */
  kill(text: string, join: "before" | "behind" | "no"): void {
    if (text === "") return;
    const last = this.texts[0];
    if (join === "no" || last === undefined) this.texts.unshift(text);
    else this.texts[0] = join === "before" ? text + last : last + text;
    this.texts.length = Math.min(this.texts.length, LARGEST_RING);
    this.place = 0;
  }

  /** The text that was cut last; "" when there is none. */
  yank(): string {
    this.place = 0;
    return this.texts[0] ?? "";
  }

  /** The text cut before the one that was brought back last; after the oldest comes the newest again. */
  yankOlder(): string {
    this.place = (this.place + 1) % Math.max(1, this.texts.length);
    return this.texts[this.place] ?? "";
  }
}
