import { join, resolve } from "node:path";
import { cutToBytes, MAX_NAME_BYTES, safeName } from "./safe-name.js";

/** Longest path in bytes; Windows counts characters, of which there are never more. */
const MAX_PATH_BYTES = process.platform === "win32" ? 260 : 4096;

/** `000001.4294967295.postprocessed.png`, two separators and an end; the reference keeps this much for the file's own name. */
const FILE_NAME_BYTES = 39;

/**
 * The folder of a prompt's pictures below the output folder (`--prompt_as_dir`). A prompt of which nothing is left has none of its own.
 */
export function promptFolder(outdir: string, prompt: string): string {
  const room = MAX_PATH_BYTES - FILE_NAME_BYTES - Buffer.byteLength(resolve(outdir));
  const name = cutToBytes(safeName(prompt), Math.max(0, Math.min(MAX_NAME_BYTES, room)));
  return join(outdir, name.replace(/[.\s]+$/u, ""));
}

/** Printed before the first picture of such a line. */
export function promptFolderNotice(folder: string): string {
  return `Writing files to directory: "${folder}"`;
}
