import { appendFileSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { errorCode } from "../images/output-folder.js";

/** As many lines as GNU readline kept for the original. */
export const HISTORY_LINES = 1000;
const FILE_NAME = ".dream_history";

/** The lines of a session and of those before it. */
export interface HistoryBook {
  /** Oldest first; `!N` counts them from 1. */
  readonly lines: readonly string[];
  /** Adds a line before it runs. */
  append(line: string): void;
  clear(): void;
}

/** For lines that come from no keyboard: kept in memory alone. */
export class SessionHistory implements HistoryBook {
  readonly #lines: string[] = [];

  get lines(): readonly string[] {
    return this.#lines;
  }

  append(line: string): void {
    this.#lines.push(line);
    if (this.#lines.length > HISTORY_LINES) this.#lines.shift();
  }

  clear(): void {
    this.#lines.length = 0;
  }
}

/**
 * The lines typed at the terminal, one a line in `.dream_history` of the launch output folder, readable by its owner alone. Each is
 * appended before it runs, so a crash loses none; several sessions may append to one file. A file that cannot be read or written costs
 * the memory, not the session.
 */
export class History implements HistoryBook {
  private readonly path: string;
  private readonly session = new SessionHistory();
  private writable = true;

  constructor(
    folder: string,
    private readonly warn: (text: string) => void,
  ) {
    this.path = join(folder, FILE_NAME);
  }

  get lines(): readonly string[] {
    return this.session.lines;
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
    for (const line of kept) this.session.append(line);
    if (lines.length > 2 * HISTORY_LINES) this.rewrite(kept);
    return kept;
  }

  append(line: string): void {
    this.session.append(line);
    if (!this.writable) return;
    try {
      appendFileSync(this.path, `${line}\n`, { mode: 0o600 });
    } catch (error) {
      this.giveUp("written", error);
    }
  }

  clear(): void {
    this.session.clear();
    if (this.writable) this.rewrite([]);
  }

  private rewrite(lines: readonly string[]): void {
    const temporary = `${this.path}.${process.pid}.tmp`;
    try {
      writeFileSync(temporary, lines.map((line) => `${line}\n`).join(""), { mode: 0o600 });
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
