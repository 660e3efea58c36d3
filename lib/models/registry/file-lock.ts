import { randomBytes } from "node:crypto";
import { open, readFile, rm, stat } from "node:fs/promises";
import { hostname } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import { DreamError } from "../../errors.js";

/** How long to wait for another program's edit, in milliseconds. */
const PATIENCE = 10_000;
/** Edits take milliseconds: a lock of this age, in milliseconds, belongs to nobody any more, whatever its process does. */
const ABANDONED = 60_000;
/** A lock gets its text at once: one that has none after this many milliseconds belongs to a program that was killed in between. */
const ABANDONED_EMPTY = 2000;
/** Between two looks at a lock, in milliseconds. */
const PAUSE = 20;
/** More than a lock ever holds. */
const LONGEST = 1000;

/** A lock that is held. */
export interface HeldLock {
  /**
   * Looks whether the lock is still ours: a program that was halted for a minute may have lost it.
   * @throws DreamError registry/locked when it is not
   */
  check(): Promise<void>;
}

/**
 * Runs `work` while no other program that asks for the same lock does. The lock is the file `PATH.lock` with process id, computer and a
 * random word; one that a dead process left is taken over.
 *
 * @param path the file that is to be edited
 * @param patience longest wait in milliseconds
 * @throws DreamError registry/locked when another program holds the lock for too long; the system's error when no lock can be made
 */
export async function withFileLock<Result>(path: string, work: (lock: HeldLock) => Promise<Result>, patience = PATIENCE): Promise<Result> {
  const lock = `${path}.lock`;
  const mine = ownText();
  const giveUpAt = Date.now() + patience;
  while (!(await tryToCreate(lock, mine))) {
    if (Date.now() > giveUpAt) throw await lockedBy(path, lock);
    if (await isStale(lock)) await removeStale(lock);
    // Two programs that look in step would meet again and again.
    else await pause(PAUSE * (0.5 + Math.random()));
  }
  try {
    const check = async () => {
      if ((await readLock(lock)) !== mine) throw new DreamError("registry/locked", `${path} was taken over by another program`);
    };
    return await work({ check });
  } finally {
    if ((await readLock(lock)) === mine) await rm(lock, { force: true });
  }
}

function ownText(): string {
  return `${process.pid} ${hostname()} ${randomBytes(8).toString("hex")}\n`;
}

/** @returns false when the file is there already */
async function tryToCreate(path: string, text: string): Promise<boolean> {
  try {
    const file = await open(path, "wx", 0o644);
    try {
      await file.writeFile(text);
    } finally {
      await file.close();
    }
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** The text of a lock; undefined when it is gone or no lock of ours. */
async function readLock(path: string): Promise<string | undefined> {
  try {
    const info = await stat(path);
    return info.isFile() && info.size <= LONGEST ? await readFile(path, "utf8") : undefined;
  } catch {
    return undefined;
  }
}

async function isStale(path: string): Promise<boolean> {
  const text = await readLock(path);
  const age = await stat(path).then(
    (info) => Date.now() - info.mtimeMs,
    () => 0,
  );
  // A lock without text is being written.
  if (age > (text === "" ? ABANDONED_EMPTY : ABANDONED)) return true;
  const [, pid, host] = /^(\d{1,10}) (\S+) /.exec(text ?? "") ?? [];
  return host === hostname() && !isAlive(Number(pid));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: somebody else's process, which lives.
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}

/**
 * Removes a stale lock. Of several programs that see it only one may, or the second would remove the lock that the first has made
 * meanwhile; so they agree by a second file.
 */
async function removeStale(lock: string): Promise<void> {
  const guard = `${lock}.stale`;
  if (!(await tryToCreate(guard, ownText())) && !(await isStale(guard))) {
    await pause(PAUSE);
    return;
  }
  try {
    if (await isStale(lock)) await rm(lock, { force: true });
  } finally {
    await rm(guard, { force: true });
  }
}

async function lockedBy(path: string, lock: string): Promise<DreamError> {
  const pid = /^\d{1,10}/.exec((await readLock(lock)) ?? "")?.[0];
  const holder = pid === undefined ? "another program" : `process ${pid}`;
  return new DreamError("registry/locked", `${path} is being edited by ${holder}, which holds ${lock}`);
}
