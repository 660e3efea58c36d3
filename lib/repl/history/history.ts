import { truncateSync } from "node:fs";
import { join } from "node:path";
import { errorCode } from "../../images/names/output-folder.js";
import { LONGEST_LINE } from "../longest-line.js";
import { appendLine, createFile, readLines, setAside, shorten } from "./history-file.js";

/** As many lines as GNU readline kept for the original. */
export const HISTORY_LINES = 1000;
const FILE_NAME = ".dream_history";
/** Where the invoke generation kept its lines. */
const OLDER_NAME = ".invoke_history";

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
 * appended before it runs, so a crash loses none; several sessions may append to one file. A damaged file is set aside; one that cannot
 * be read or written costs the memory, not the session.
 */
export class History implements HistoryBook {
  private readonly path: string;
  private readonly olderPath: string;
  private readonly session = new SessionHistory();
  private writable = true;

  constructor(
    folder: string,
    private readonly warn: (text: string) => void,
  ) {
    this.path = join(folder, FILE_NAME);
    this.olderPath = join(folder, OLDER_NAME);
  }

  get lines(): readonly string[] {
    return this.session.lines;
  }

  /**
   * The last 1000 lines, oldest first; shortens the file to them when it has more. Where there is only an `.invoke_history`, its lines
   * become the first of ours.
   */
  load(): string[] {
    const stored = this.attempt("read", () => this.stored()) ?? [];
    for (const line of usable(stored)) this.session.append(line);
    if (stored.length > HISTORY_LINES) this.attempt("shortened", () => shorten(this.path, (lines) => lines.slice(-HISTORY_LINES)));
    return [...this.lines];
  }

  append(line: string): void {
    this.session.append(line);
    this.attempt("written", () => appendLine(this.path, line));
  }

  clear(): void {
    this.session.clear();
    this.attempt("emptied", () => {
      // Nothing to empty is fine: the first line makes the file.
      if (readLines(this.path) !== undefined) truncateSync(this.path, 0);
    });
  }

  private stored(): readonly string[] {
    const found = readLines(this.path);
    if (found === undefined) return this.takenOver();
    if ("lines" in found) return found.lines;
    const place = setAside(this.path);
    this.warn(`## Your history file ${this.path} is damaged: ${found.damage}. It is now ${place}, and a new one is begun`);
    return [];
  }

  private takenOver(): readonly string[] {
    const older = readLines(this.olderPath);
    if (older === undefined) return [];
    if ("damage" in older) {
      this.warn(`## Your older history file ${this.olderPath} is damaged: ${older.damage}. It stays where it is, unread`);
      return [];
    }
    createFile(this.path, older.lines.slice(-HISTORY_LINES));
    return older.lines;
  }

  /** The first failure is told, and then no more is tried. */
  private attempt<T>(what: string, action: () => T): T | undefined {
    if (!this.writable) return undefined;
    try {
      return action();
    } catch (error) {
      this.writable = false;
      this.warn(`>> Your history file ${this.path} could not be ${what} (${errorCode(error)}); this session's lines are not kept`);
      return undefined;
    }
  }
}

/** Control characters of a line would move the cursor when it is shown again; one that no prompt takes is left out. */
function usable(lines: readonly string[]): readonly string[] {
  return lines.filter((line) => line.length <= LONGEST_LINE).map((line) => line.replaceAll(/\p{Cc}/gu, " "));
}
