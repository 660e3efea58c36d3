import type { Key } from "node:readline";
import type { Writable } from "node:stream";

const ON = "\x1b[?2004h";
const OFF = "\x1b[?2004l";
/** After such a silence the end mark of a paste was lost, and what comes is typed again. */
const LOST_END_MS = 2000;
/** Characters of one paste; far more than all lines of a long evening. */
const LONGEST_PASTE = 8 * 1024 * 1024;

/**
 * Asks the terminal to put marks around pasted text, so that it can be told from typing, and sees to it that the terminal forgets
 * about this whatever ends the program.
 */
export class PasteMarks {
  private on = false;

  constructor(private readonly output: Writable) {}

  ask(): void {
    if (this.on) return;
    this.on = true;
    this.output.write(ON);
    process.on("exit", this.forget);
  }

  readonly forget = (): void => {
    if (!this.on) return;
    this.on = false;
    process.off("exit", this.forget);
    this.output.write(OFF);
  };
}

/** Collects the keys between the marks of a paste. */
export class Paste {
  private text = "";
  private lastKey = 0;
  private open = false;

  /**
   * Takes a key that belongs to a paste.
   *
   * @param now milliseconds
   * @returns "typed" when it does not; the pasted text after the end mark; undefined while there is more to come
   */
  take(text: string | undefined, key: Key, now = performance.now()): "typed" | { readonly pasted: string } | undefined {
    if (this.open && now - this.lastKey > LOST_END_MS) this.open = false;
    this.lastKey = now;
    if (key.name === "paste-start") {
      this.open = true;
      this.text = "";
      return undefined;
    }
    if (key.name === "paste-end") {
      this.open = false;
      return { pasted: harmless(this.text) };
    }
    if (!this.open) return "typed";
    // Keys without text are escape sequences: nothing that anybody wants in a prompt.
    if (text !== undefined && this.text.length < LONGEST_PASTE) this.text += text;
    return undefined;
  }
}

/** Control characters other than line ends become blanks; a line end at the very end of the paste stays. */
function harmless(text: string): string {
  return text.replaceAll(/\r\n?/g, "\n").replaceAll(/[^\P{Cc}\n]/gu, " ");
}
