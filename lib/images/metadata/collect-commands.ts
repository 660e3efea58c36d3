import { readdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { DreamError } from "../../errors.js";
import { fileError } from "../../json-file.js";
import { readPictureBytes } from "../pixels/decode-picture.js";
import { matchesName } from "./match-name.js";
import { readCommand } from "./read-command.js";
import { oneLine } from "./recorded-command.js";

/** What was found in one picture: a line, or why there is none. */
export interface CollectedCommand {
  readonly path: string;
  readonly line?: string;
  /** One sentence; absent when the picture simply says nothing. */
  readonly problem?: string;
}

/**
 * Finds the command in every PNG file whose name fits a pattern, sorted by name.
 *
 * @param pattern a path whose last part may hold `*`, `?` and `[...]`; a folder stands for all PNG files in it
 * @throws DreamError usage/line when an earlier part of the path holds a wild card, file/not-found or file/unreadable for the folder
 */
export async function collectCommands(pattern: string): Promise<CollectedCommand[]> {
  const { folder, namePattern } = await splitPattern(pattern);
  const names = await readdir(folder).catch((error: unknown) => {
    throw fileError(folder, error);
  });
  const wanted = names.filter((name) => /\.png$/i.test(name) && matchesName(name, namePattern)).sort();
  const found: CollectedCommand[] = [];
  for (const name of wanted) found.push(await readOne(folder === "." && !pattern.startsWith("./") ? name : join(folder, name)));
  return found;
}

/**
 * The text of the file that `!fetch PATTERN FILE` writes: for every command its picture as a comment, then itself; "" for none. A line
 * end in a file's name must not make a command of the rest.
 */
export function commandsText(commands: readonly CollectedCommand[]): string {
  return commands.flatMap(({ path, line }) => (line === undefined ? [] : [`# ${oneLine(path)}`, line])).join("\n");
}

async function splitPattern(pattern: string): Promise<{ folder: string; namePattern: string }> {
  const info = await stat(pattern).catch(() => undefined);
  if (info?.isDirectory()) return { folder: pattern, namePattern: "*" };
  const folder = dirname(pattern);
  const isFolder = await stat(folder).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isFolder && /[*?[]/.test(folder)) {
    throw new DreamError("usage/line", `"${pattern}": unacceptable pattern; * ? and [...] may stand in the file's name only`);
  }
  return { folder, namePattern: basename(pattern) };
}

async function readOne(path: string): Promise<CollectedCommand> {
  try {
    return { path, line: readCommand(await readPictureBytes(path), path)?.line };
  } catch (error) {
    if (error instanceof DreamError) return { path, problem: error.sentence };
    throw error;
  }
}
