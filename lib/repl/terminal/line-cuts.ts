import type { Key } from "node:readline";
import type { EditBuffer } from "./history-search.js";
import { KillRing } from "./kill-ring.js";
import type { PressKey } from "./open-readline.js";

/** Keys that cut, and on which side of the cursor. */
const CUTS: Readonly<Record<string, "before" | "behind">> = {
  "ctrl-k": "behind",
  "ctrl-u": "before",
  "ctrl-w": "before",
  "ctrl-backspace": "before",
  "ctrl-delete": "behind",
  "meta-backspace": "before",
  "meta-d": "behind",
  "meta-delete": "behind",
};

/** A line that can be cut. */
export interface CuttableLine {
  /** What stands there. */
  look(): EditBuffer;
  /** Has readline carry out a key, or write a text. */
  readonly press: PressKey;
  /** Puts another line in its place. */
  replace(buffer: EditBuffer): void;
}

/**
 * Cutting and bringing back. readline does the cutting; it keeps a ring of its own, but words cut by Ctrl-W are not in it, and several
 * cuts in a row do not become one.
 */
export class LineCuts {
  private readonly ring = new KillRing();
  private last: "cut" | { readonly yanked: number } | undefined;

  constructor(private readonly line: CuttableLine) {}

  /** Any other key than these came between. */
  interrupted(): void {
    this.last = undefined;
  }

  /** @returns false when the key is none that cuts or brings back */
  press(name: string, text: string | undefined, key: Key): boolean {
    const direction = CUTS[name];
    if (direction) this.cut(direction, text, key);
    else if (name === "ctrl-y") this.yank();
    else if (name === "meta-y") this.yankOlder();
    else return false;
    return true;
  }

  /** What a cut took is found by looking at the line before and after. */
  private cut(direction: "before" | "behind", text: string | undefined, key: Key): void {
    const before = this.line.look().line;
    this.line.press(text, key);
    const { line, cursor } = this.line.look();
    this.ring.kill(before.slice(cursor, cursor + before.length - line.length), this.last === "cut" ? direction : "no");
    this.last = "cut";
  }

  private yank(): void {
    const text = this.ring.yank();
    this.last = { yanked: text.length };
    if (text !== "") this.line.press(text, {});
  }

  private yankOlder(): void {
    if (this.last === undefined || this.last === "cut") return;
    const { line, cursor } = this.line.look();
    const start = cursor - this.last.yanked;
    const text = this.ring.yankOlder();
    this.line.replace({ line: line.slice(0, start) + text + line.slice(cursor), cursor: start + text.length });
    this.last = { yanked: text.length };
  }
}
