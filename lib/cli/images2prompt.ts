import { readFile } from "node:fs/promises";
import type { Writable } from "node:stream";
import { DreamError } from "../errors.js";
import { errorCode } from "../images/output-folder.js";
import { readPngText } from "../images/png-text.js";
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
  for (const file of files) {
    try {
      const texts = readPngText(await readFile(file), file);
      const dream = texts.find(({ keyword }) => keyword === "Dream")?.text ?? "";
      output.write(`${file}: ${printable(dream).replaceAll("\n", " ")}\n`);
    } catch (error) {
      errors.write(`${sentence(file, error)}\n`);
      status = 1;
    }
  }
  return status;
}

function sentence(file: string, error: unknown): string {
  if (error instanceof DreamError) return error.sentence;
  const code = errorCode(error);
  if (code === "ENOENT") return `${file} not found`;
  if (code === "EACCES" || code === "EPERM") return `${file} could not be opened due to inadequate permissions`;
  if (code === "") throw error;
  return `${file} could not be read (${code})`;
}
