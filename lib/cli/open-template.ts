import { Readable } from "node:stream";
import { announceTemplate, readTemplate } from "../repl/templates/read-template.js";

/**
 * The lines of a template of `--from_file`.
 *
 * @param say told what there will be
 * @throws DreamError file/not-found, file/unreadable
 */
export async function openTemplate(path: string, say: (text: string) => void): Promise<Readable> {
  const template = await readTemplate(path);
  for (const text of announceTemplate(path, template)) say(text);
  return Readable.from(template.lines.map((line) => `${line}\n`));
}
