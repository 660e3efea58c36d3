import { spawnSync } from "node:child_process";
import { mkdirSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A file system of its own, small enough to be filled. */
export interface SmallDisk {
  readonly folder: string;
  /** Fills it up to some bytes. */
  readonly fill: (left: number) => void;
  readonly makeReadOnly: () => void;
  readonly makeWritable: () => void;
  readonly remove: () => void;
}

/** @returns undefined where file systems may not be mounted (Linux, root) */
export function mountSmallDisk(folder: string, bytes: number): SmallDisk | undefined {
  mkdirSync(folder);
  if (process.platform !== "linux" || !mount("-t", "tmpfs", "-o", `size=${bytes}`, "tmpfs", folder)) return undefined;
  return {
    folder,
    fill: (left) => {
      const { bavail, bsize } = statfsSync(folder);
      writeFileSync(join(folder, "filler"), Buffer.alloc(Math.max(0, bavail * bsize - left)));
    },
    makeReadOnly: () => mustMount("-o", "remount,ro", folder),
    makeWritable: () => mustMount("-o", "remount,rw", folder),
    remove: () => {
      // Whoever was killed in it may still be on the way out.
      spawnSync("umount", ["-l", folder]);
    },
  };
}

function mount(...words: string[]): boolean {
  return spawnSync("mount", words).status === 0;
}

function mustMount(...words: string[]): void {
  if (!mount(...words)) throw new Error(`mount ${words.join(" ")} failed`);
}
