import { appendFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { unwritable } from "./output-folder.js";

/** The logs' names are those of dream.py, whose prompt this is. */
export const TEXT_LOG = "dream_log.txt";
export const MARKDOWN_LOG = "dream_log.md";

/**
 * Adds a picture to both logs of its folder: `dream_log.txt` with `path: dream string`, `dream_log.md` with the picture itself.
 * Every entry is one append, so that two processes never mix their lines.
 *
 * @throws DreamError output/unwritable
 */
export async function logPicture(folder: string, path: string, dream: string): Promise<void> {
  const name = basename(path);
  await append(join(folder, TEXT_LOG), `${path}: ${dream}\n`);
  await append(join(folder, MARKDOWN_LOG), `## ${name}\n![](${name})\n\n${dream}\n\n`);
}

async function append(path: string, text: string): Promise<void> {
  await appendFile(path, text, "utf8").catch((error: unknown) => {
    throw unwritable(path, error);
  });
}
