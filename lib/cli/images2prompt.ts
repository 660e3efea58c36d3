import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { basename } from "node:path";
import type { Writable } from "node:stream";
import { DreamError } from "../errors.js";
import { matchesName } from "../images/metadata/match-name.js";
import { readPngText } from "../images/metadata/png-text.js";
import { errorCode } from "../images/names/output-folder.js";
import { readPictureBytes } from "../images/pixels/decode-picture.js";
import { printable } from "../repl/printable.js";

/**
 * Prints the command inside each picture as `file: command`; empty behind the colon when there is none.
 *
 * @returns exit status: 0; 1 when a file could not be read, 2 without files
 */
export async function images2prompt(files: readonly string[], output: Writable, errors: Writable): Promise<number> {
  if (files.length === 0) {
    errors.write("usage: images2prompt FILE.png ...\n");
    return 2;
  }
  let status = 0;
  let gone = false;
  // Whoever read our output has gone (`images2prompt *.png | head`) and misses nothing.
  output.on("error", () => {
    gone = true;
  });
  for (const file of await expandWildCards(files)) {
    if (gone) return 1;
    try {
      const texts = readPngText(await readPictureBytes(file), file);
      const dream = texts.find(({ keyword }) => keyword === "Dream")?.text ?? "";
      output.write(`${file}: ${printable(dream).replaceAll("\n", " ")}\n`);
    } catch (error) {
      errors.write(`${sentence(file, error)}\n`);
      status = 1;
    }
  }
  return status;
}

/** What shells of Unix do before a program starts; a pattern that nothing fits stays. */
async function expandWildCards(files: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const file of files) {
    if (!/[*?[]/.test(basename(file)) || existsSync(file)) {
      found.push(file);
      continue;
    }
    const folder = file.slice(0, file.length - basename(file).length);
    const names = await readdir(folder || ".").catch(() => []);
    const matching = names.filter((name) => matchesName(name, basename(file))).sort();
    found.push(...(matching.length === 0 ? [file] : matching.map((name) => `${folder}${name}`)));
  }
  return found;
}

/** The two failures of every day in the words of the script that had this name. */
function sentence(file: string, error: unknown): string {
  if (!(error instanceof DreamError)) throw error;
  if (error.code === "file/not-found") return `${file} not found`;
  if (["EACCES", "EPERM"].includes(errorCode(error.cause))) return `${file} could not be opened due to inadequate permissions`;
  return error.sentence;
}
