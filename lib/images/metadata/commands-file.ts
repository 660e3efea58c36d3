import { randomBytes } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";
import { DreamError } from "../../errors.js";
import { readBoundedText } from "../../json-file.js";
import { writeNewFile } from "../names/new-file.js";
import { unwritable } from "../names/output-folder.js";

/** Far more than the commands of all pictures that anybody has; a file that is larger is not looked at. */
const LARGEST_FILE = 64 * 1024 * 1024;

/**
 * Writes the file of commands that `!fetch PATTERN FILE` makes. An earlier one is replaced in one go; any other file stays as it is.
 *
 * @param text as `commandsText` makes it
 * @throws DreamError usage/line when the name is a picture's or another file's, output/unwritable
 */
export async function writeCommandsFile(path: string, text: string): Promise<void> {
  if (/\.(png|jpe?g|webp|gif)$/i.test(path)) {
    throw new DreamError("usage/line", `${path} would be a picture's name; name a text file to write the commands into`);
  }
  if (await writeNewFile(path, Buffer.from(text))) return;
  if (!(await isCommandsFile(path))) {
    throw new DreamError("usage/line", `${path} exists and is no file of fetched commands; it stays as it is, choose another name`);
  }
  await replace(path, text);
}

/** Every other line is the path of a picture as a comment; one that was edited by hand is not taken for ours. */
async function isCommandsFile(path: string): Promise<boolean> {
  const text = await readBoundedText(path, LARGEST_FILE, "file/unreadable").catch(() => "");
  return text.split("\n").every((line, i) => (i % 2 === 0 ? /^# .*\.png$/i.test(line) : line !== "" && !line.startsWith("#")));
}

async function replace(path: string, text: string): Promise<void> {
  const temporary = `${path}.${process.pid}-${randomBytes(4).toString("hex")}.tmp`;
  try {
    const file = await open(temporary, "wx");
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    throw unwritable(path, error);
  } finally {
    await rm(temporary, { force: true });
  }
}
