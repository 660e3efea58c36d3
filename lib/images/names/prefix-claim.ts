import { open, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { removeAbandoned } from "./abandoned-files.js";
import { errorCode, unwritable } from "./output-folder.js";

/** Pictures of ours: digits, a dot, anything, `.png`. */
const NUMBERED = /^(\d+)\..*\.png$/;
const CLAIM = /^\.(\d+)\.claim$/;

/** A number that this program alone uses in a folder, until a picture carries it. */
export interface PrefixClaim {
  readonly prefix: number;
  /** Gives the number up: a picture carries it now, or none was made. */
  readonly release: () => Promise<void>;
}

/**
 * The number that the pictures of the next command share: one more than the highest in the folder. Gaps are never filled, so that a
 * deleted picture's name does not come back with another picture.
 *
 * @throws DreamError output/unwritable when the folder cannot be read
 */
export async function nextPrefix(folder: string): Promise<number> {
  return 1 + highest(await namesIn(folder), NUMBERED);
}

/**
 * Takes the next free number of a folder. Two programs that begin at the same moment would count the same pictures, and the first picture
 * may be minutes away: a hidden file with the number in its name, which only one of them can make, keeps the other away. One that a killed
 * program left costs its number and is removed as soon as a higher one is in use, or after a day with whatever else such programs left.
 *
 * @throws DreamError output/unwritable
 */
export async function claimPrefix(folder: string): Promise<PrefixClaim> {
  let atLeast = 1;
  await removeAbandoned(folder, await namesIn(folder));
  for (;;) {
    const names = await namesIn(folder);
    const used = highest(names, NUMBERED);
    await Promise.all(names.filter((name) => numberOf(name, CLAIM) <= used).map((name) => rm(join(folder, name), { force: true })));
    const prefix = Math.max(used + 1, atLeast);
    const path = join(folder, `.${prefix}.claim`);
    const release = () => rm(path, { force: true });
    if (await makeExclusively(path)) {
      // Whoever held the number may have made a picture and let go after the look.
      if ((await nextPrefix(folder)) <= prefix) return { prefix, release };
      await release();
    }
    atLeast = prefix + 1;
  }
}

async function makeExclusively(path: string): Promise<boolean> {
  try {
    const file = await open(path, "wx");
    await file.close();
    return true;
  } catch (error) {
    if (errorCode(error) === "EEXIST") return false;
    throw unwritable(path, error);
  }
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch((error: unknown) => {
    throw unwritable(folder, error);
  });
}

function highest(names: readonly string[], pattern: RegExp): number {
  return names
    .map((name) => numberOf(name, pattern))
    .filter(Number.isSafeInteger)
    .reduce((most, number) => Math.max(most, number), 0);
}

/** Infinity for other names. A name with more digits than a double holds is someone else's. */
function numberOf(name: string, pattern: RegExp): number {
  return Number(pattern.exec(name)?.[1] ?? Number.POSITIVE_INFINITY);
}
