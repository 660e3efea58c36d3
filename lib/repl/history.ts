import { appendFileSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { errorCode } from "../images/output-folder.js";

/** As many lines as GNU readline kept for the original. */
export const HISTORY_LINES = 1000;
const FILE_NAME = ".dream_history";

/**
 * The lines typed at the terminal, one a line in `.dream_history` of the launch output folder, readable by its owner alone. Each is
 * appended before it runs, so a crash loses none; several sessions may append to one file. A file that cannot be read or written costs
 * the memory, not the session.
 */
export class History {
  private readonly path: string;
  private writable = true;

  constructor(
    folder: string,
    private readonly warn: (text: string) => void,
  ) {
    this.path = join(folder, FILE_NAME);
  }

  /** The last 1000 lines, oldest first; shortens the file to them when it has grown to twice as many. */
  load(): string[] {
    let lines: string[];
    try {
      lines = readFileSync(this.path, "utf8").split("\n").filter(Boolean);
    } catch (error) {
      if (errorCode(error) !== "ENOENT") this.giveUp("read", error);
      return [];
    }
    const kept = lines.slice(-HISTORY_LINES);
    if (lines.length > 2 * HISTORY_LINES) this.rewrite(kept);
    return kept;
  }

  append(line: string): void {
    if (!this.writable) return;
    try {
      appendFileSync(this.path, `${line}\n`, { mode: 0o600 });
    } catch (error) {
      this.giveUp("written", error);
    }
  }

  private rewrite(lines: readonly string[]): void {
    const temporary = `${this.path}.${process.pid}.tmp`;
    try {
      writeFileSync(temporary, `${lines.join("\n")}\n`, { mode: 0o600 });
      renameSync(temporary, this.path);
    } catch (error) {
      this.giveUp("shortened", error);
    }
  }

  private giveUp(what: string, error: unknown): void {
    this.writable = false;
    this.warn(`>> Your history file ${this.path} could not be ${what} (${errorCode(error)}); this session's lines are not kept`);
  }
}
