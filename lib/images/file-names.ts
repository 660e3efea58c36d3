import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { writeNewFile } from "./new-file.js";
import { unwritable } from "./output-folder.js";

/** Pictures of ours: digits, a dot, anything, `.png`. */
const NUMBERED = /^(\d+)\..*\.png$/;
const PREFIX_DIGITS = 6;

/**
 * The number that the pictures of the next command share: one more than the highest in the folder. Gaps are never filled, so that a
 * deleted picture's name does not come back with another picture.
 *
 * @throws DreamError output/unwritable when the folder cannot be read
 */
export async function nextPrefix(folder: string): Promise<number> {
  const names = await readdir(folder).catch((error: unknown) => {
    throw unwritable(folder, error);
  });
  const numbers = names.map((name) => Number(NUMBERED.exec(name)?.[1] ?? 0));
  // A name with more digits than a double holds is someone else's.
  return 1 + numbers.filter(Number.isSafeInteger).reduce((highest, number) => Math.max(highest, number), 0);
}

/** `000017.4829112.png` */
export function pictureName(prefix: number, seed: number): string {
  return `${String(prefix).padStart(PREFIX_DIGITS, "0")}.${seed}.png`;
}

/** Hands out the names of one command's pictures. */
export class PictureNames {
  private prefix: number | undefined;

  constructor(private readonly folder: string) {}

  /**
   * Writes a picture under the command's number. When another process took that very name meanwhile, the command moves on to the next
   * free number.
   *
   * @returns the path, below `folder` as it was given
   * @throws DreamError output/unwritable; then no file was made
   */
  async write(seed: number, png: Uint8Array): Promise<string> {
    this.prefix ??= await nextPrefix(this.folder);
    for (;;) {
      const path = join(this.folder, pictureName(this.prefix, seed));
      if (await writeNewFile(path, png)) return path;
      this.prefix = Math.max(this.prefix + 1, await nextPrefix(this.folder));
    }
  }
}
