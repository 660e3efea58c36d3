import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  linkSync,
  lstatSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { errorCode } from "../../images/names/output-folder.js";

/** A thousand lines of 16 kB; what is larger was not written by us. */
const LARGEST_FILE = 16 * 1024 * 1024;
/** A lock that nobody took back for so long belongs to a program that was killed. */
const STALE_LOCK_MS = 60_000;
/** Shortening takes milliseconds; a line waits no longer than this for it. */
const LONGEST_SHORTENING_MS = 2000;
/** Between two looks at a lock. */
const PAUSE_MS = 5;
/** A line that was carried over into a shortened file is among this many last ones. */
const CARRIED_LINES = 100;
const OWNER_ONLY = 0o600;
/** Windows has no such flag. With it a pipe never keeps us waiting. */
const NO_WAITING = constants.O_NONBLOCK ?? 0;

/** What a file of lines holds, or why it cannot be one. */
export type FileOfLines = { readonly lines: readonly string[] } | { readonly damage: string };

/**
 * Reads a file of lines, and takes it away from other users' eyes if they may read it.
 *
 * @returns undefined when there is none; "damage" when it is no regular file, larger than 16 MB, or no UTF-8 text
 * @throws the system's error when it may not be read
 */
export function readLines(path: string): FileOfLines | undefined {
  const file = openToRead(path);
  if (file === undefined || typeof file === "object") return file;
  try {
    const info = fstatSync(file);
    if (info.size > LARGEST_FILE) return { damage: `it is larger than ${LARGEST_FILE / 1024 / 1024} MB` };
    makePrivate(file, info);
    return textLines(readFrom(file, 0));
  } finally {
    closeSync(file);
  }
}

/** Opening a device can have effects, so what is no file is not even opened. */
function openToRead(path: string): number | { readonly damage: string } | undefined {
  try {
    const info = statSync(path);
    if (info.isFile()) return openSync(path, constants.O_RDONLY | NO_WAITING);
    return { damage: info.isDirectory() ? "it is a folder" : "it is a pipe or a device" };
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

function makePrivate(file: number, info: Stats): void {
  if (process.platform === "win32" || (info.mode & 0o077) === 0) return;
  try {
    fchmodSync(file, OWNER_ONLY);
  } catch (error) {
    // Somebody else's file that we may read: its mode is theirs to choose.
    if (errorCode(error) !== "EPERM") throw error;
  }
}

function textLines(bytes: Uint8Array): FileOfLines {
  if (bytes.includes(0)) return { damage: "it holds NUL bytes" };
  try {
    return { lines: new TextDecoder("utf-8", { fatal: true }).decode(bytes).split(/\r?\n/).filter(Boolean) };
  } catch {
    return { damage: "it is no UTF-8 text" };
  }
}

function readFrom(file: number, start: number): Uint8Array {
  const bytes = Buffer.alloc(Math.max(0, Math.min(fstatSync(file).size - start, LARGEST_FILE)));
  let length = 0;
  while (length < bytes.length) {
    const count = readSync(file, bytes, length, bytes.length - length, start + length);
    if (count === 0) break;
    length += count;
  }
  return bytes.subarray(0, length);
}

/**
 * Adds a line by a single write at the end, so several programs may add to one file. A line that was torn by a crash gets its end first.
 * When this returns the line is in the file, also if a program that shortened it meanwhile was killed before it carried the line over.
 *
 * @throws the system's error
 */
export function appendLine(path: string, line: string): void {
  // Each repetition means that another program put a shortened file in place just then.
  for (let attempt = 0; attempt < 3; attempt++) {
    const file = openToAppend(path);
    try {
      addText(file, `${line}\n`);
      waitForShortening(`${path}.lock`);
      if (statSync(path, { throwIfNoEntry: false })?.ino === fstatSync(file).ino) return;
    } finally {
      closeSync(file);
    }
    if (wasCarriedOver(path, line)) return;
  }
}

function openToAppend(path: string): number {
  return openSync(path, constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | NO_WAITING, OWNER_ONLY);
}

function addText(file: number, text: string): void {
  const info = fstatSync(file);
  if (!info.isFile()) throw Object.assign(new Error("no file"), { code: "ESPIPE" });
  const torn = info.size > 0 && readFrom(file, info.size - 1)[0] !== 0x0a;
  const bytes = Buffer.from(torn ? `\n${text}` : text);
  if (writeSync(file, bytes) < bytes.length) throw Object.assign(new Error("the disk is full"), { code: "ENOSPC" });
}

/** Whoever shortens the file right now may have read it before our line came, and not yet put the shorter one in place. */
function waitForShortening(lock: string): void {
  const started = Date.now();
  const isHeld = () => {
    const info = lstatSync(lock, { throwIfNoEntry: false });
    return info !== undefined && Date.now() - info.mtimeMs < LONGEST_SHORTENING_MS && Date.now() - started < LONGEST_SHORTENING_MS;
  };
  while (isHeld()) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
}

function wasCarriedOver(path: string, line: string): boolean {
  const content = readLines(path);
  return content !== undefined && "lines" in content && content.lines.slice(-CARRIED_LINES).includes(line);
}

/**
 * Puts `lines` in the place of what was read before, keeping what other programs add meanwhile: what they wrote into the old file before
 * it was replaced is carried over, and who writes into it later notices in `appendLine`. Does nothing when another program is at it.
 *
 * @param kept chooses from the file's lines those that stay
 * @throws the system's error
 */
export function shorten(path: string, kept: (lines: readonly string[]) => readonly string[]): void {
  const lock = `${path}.lock`;
  if (!takeLock(lock)) return;
  try {
    const file = openToAppend(path);
    try {
      // A line that a crash tore gets its end.
      addText(file, "");
      const bytes = readFrom(file, 0);
      // A line that is just being written belongs to what comes later.
      const whole = bytes.subarray(0, bytes.lastIndexOf(0x0a) + 1);
      const content = textLines(whole);
      if ("damage" in content) return;
      removeLeftovers(path);
      const temporary = `${path}.${process.pid}.tmp`;
      writeFileSync(temporary, asText(kept(content.lines)), { mode: OWNER_ONLY, flush: true });
      renameSync(temporary, path);
      carryOver(path, textLines(readFrom(file, whole.length)));
    } finally {
      closeSync(file);
    }
  } finally {
    unlinkSync(lock);
  }
}

function carryOver(path: string, late: FileOfLines): void {
  if (!("lines" in late) || late.lines.length === 0) return;
  const file = openToAppend(path);
  try {
    addText(file, asText(late.lines));
  } finally {
    closeSync(file);
  }
}

/** Who holds the lock is the only one that shortens: other temporary files are those of killed programs. */
function removeLeftovers(path: string): void {
  const start = `${basename(path)}.`;
  for (const name of readdirSync(dirname(path))) {
    if (name.startsWith(start) && /^\d+\.tmp$/.test(name.slice(start.length))) unlinkSync(join(dirname(path), name));
  }
}

function asText(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join("");
}

function takeLock(lock: string): boolean {
  const taken = lstatSync(lock, { throwIfNoEntry: false });
  if (taken && Date.now() - taken.mtimeMs > STALE_LOCK_MS) unlinkSync(lock);
  try {
    closeSync(openSync(lock, "wx", OWNER_ONLY));
    return true;
  } catch (error) {
    if (errorCode(error) === "EEXIST") return false;
    throw error;
  }
}

/** Makes a file of lines, whole or not at all, unless another program was quicker. @throws the system's error */
export function createFile(path: string, lines: readonly string[]): void {
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, asText(lines), { mode: OWNER_ONLY, flush: true });
  try {
    linkSync(temporary, path);
  } catch (error) {
    // A file system without links.
    if (errorCode(error) !== "EEXIST" && statSync(path, { throwIfNoEntry: false }) === undefined) renameSync(temporary, path);
  } finally {
    rmSync(temporary, { force: true });
  }
}

/**
 * Renames what lies at `path` to `<path>.old`, or `<path>.old.2` and so on when that is taken.
 *
 * @returns the new path
 * @throws the system's error
 */
export function setAside(path: string): string {
  for (let number = 1; ; number++) {
    const place = number === 1 ? `${path}.old` : `${path}.old.${number}`;
    if (lstatSync(place, { throwIfNoEntry: false })) continue;
    renameSync(path, place);
    return place;
  }
}
