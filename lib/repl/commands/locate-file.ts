import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { expandHome } from "../../home-folder.js";
import { shellWords } from "../../options/shell-words.js";

/**
 * Where a file lies that a command names. A name without a folder is looked for in several; when it is in none of them, the first one
 * stands for the sentence that says so.
 *
 * @param name with `~` for the home folder
 * @param folders in the order in which they are searched
 */
export function locateFile(name: string, folders: readonly [string, ...string[]]): string {
  const path = expandHome(name);
  if (basename(path) !== path) return path;
  const [first, ...others] = folders.map((folder) => join(folder, path));
  return [first as string, ...others].find((place) => existsSync(place)) ?? (first as string);
}

/**
 * The same for an argument that is one file: a name that is not in quotation marks may hold blanks and apostrophes if there is such a file.
 *
 * @throws DreamError usage/line when a quotation is left open
 */
export function locateOnly(argument: string, folders: readonly [string, ...string[]]): string {
  const asTyped = locateFile(argument, folders);
  return existsSync(asTyped) ? asTyped : locateFile(shellWords(argument).join(" "), folders);
}
