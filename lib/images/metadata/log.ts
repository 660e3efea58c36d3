import { type FileHandle, open } from "node:fs/promises";
import { basename, join } from "node:path";
import { unwritable } from "../names/output-folder.js";

/** The logs' names are those of dream.py, whose prompt this is. */
export const TEXT_LOG = "dream_log.txt";
export const MARKDOWN_LOG = "dream_log.md";

/**
 * Adds a picture to both logs of its folder: `dream_log.txt` with `path: dream string`, `dream_log.md` with the picture itself.
 * Every entry is one append, so that two processes never mix their lines. One that a crash or a full disk cut off stays alone on its line.
 *
 * @throws DreamError output/unwritable
 */
export async function logPicture(folder: string, path: string, dream: string): Promise<void> {
  const name = basename(path);
  await append(join(folder, TEXT_LOG), `${path}: ${dream}\n`);
  await append(join(folder, MARKDOWN_LOG), `## ${name}\n![](${name})\n\n${dream}\n\n`);
}

async function append(path: string, text: string): Promise<void> {
  try {
    const file = await open(path, "a+");
    try {
      await file.appendFile((await endsInLine(file)) ? `\n\n${text}` : text, "utf8");
    } finally {
      await file.close();
    }
  } catch (error) {
    throw unwritable(path, error);
  }
}

/** True when the last line has no end. */
async function endsInLine(file: FileHandle): Promise<boolean> {
  const { size } = await file.stat();
  if (size === 0) return false;
  const { buffer, bytesRead } = await file.read(new Uint8Array(1), 0, 1, size - 1);
  return bytesRead === 1 && buffer[0] !== 0x0a;
}
