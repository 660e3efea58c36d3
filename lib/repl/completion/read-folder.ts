import { opendir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { FolderEntry, WantedEntries } from "./sources.js";

/** More nobody reads. */
export const MOST_OFFERED = 500;
/** A folder of any size and slowness gives what it could until then; while pictures are made, even small ones take a while. */
const LONGEST_MS = 500;
const CONTROL = /\p{Cc}/u;

/**
 * The entries of a folder that are wanted, at most 500 and at most what can be read in the time, sorted by name.
 *
 * @param path "" is the working folder
 * @param longestMs milliseconds
 * @returns nothing when the folder cannot be read
 */
export async function readFolder(path: string, wanted: WantedEntries, longestMs = LONGEST_MS): Promise<FolderEntry[]> {
  const found: FolderEntry[] = [];
  const end = performance.now() + longestMs;
  try {
    for await (const entry of await opendir(path || ".", { bufferSize: 256 })) {
      if (isCandidate(entry.name, wanted)) {
        const target = entry.isSymbolicLink() ? await stat(join(path || ".", entry.name)).catch(() => undefined) : entry;
        const isFolder = target?.isDirectory() ?? false;
        if (target && (isFolder || hasEnding(entry.name, wanted.endings))) found.push({ name: entry.name, isFolder });
      }
      if (found.length >= MOST_OFFERED || performance.now() > end) break;
    }
  } catch {
    // No such folder, or not ours to read: then there is nothing to offer.
  }
  return found.sort((one, other) => (one.name < other.name ? -1 : 1));
}

/** Names with control characters are left out: one of them in the line could press Enter. */
function isCandidate(name: string, { start }: WantedEntries): boolean {
  return name.startsWith(start) && (!name.startsWith(".") || start.startsWith(".")) && !CONTROL.test(name);
}

function hasEnding(name: string, endings: readonly string[]): boolean {
  const lower = name.toLowerCase();
  return endings.some((ending) => lower.endsWith(ending));
}
