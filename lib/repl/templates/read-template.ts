import { extname } from "node:path";
import { DreamError } from "../../errors.js";
import { parseYamlMapping, readYamlText } from "../../models/read-yaml.js";
import { type ExpandedTemplate, expandTemplate } from "./expand-template.js";

/** Whether a file of lines is a template, by its name. */
export function isTemplateName(path: string): boolean {
  return [".yaml", ".yml", ".json"].includes(extname(path).toLowerCase());
}

/**
 * Reads a file of `invokeai-dynamic-prompts`, in YAML or JSON, and spells it out.
 *
 * @throws DreamError file/not-found, file/unreadable
 */
export async function readTemplate(path: string): Promise<ExpandedTemplate> {
  const { document } = parseYamlMapping(await readYamlText(path, "file/unreadable"), path, "file/unreadable");
  try {
    return expandTemplate(document);
  } catch (error) {
    throw error instanceof DreamError ? new DreamError(error.code, `${path}: ${error.message}`, { cause: error }) : error;
  }
}

/** What is told before the lines run. */
export function announceTemplate(path: string, { lines, unknown }: ExpandedTemplate): string[] {
  const ignored = unknown.map((name) => `>> the section "${name.slice(0, 60)}" of ${path} means nothing and is ignored`);
  const pictures = lines.filter((line) => !line.startsWith("!")).length;
  return [...ignored.slice(0, 10), `>> ${path}: ${pictures} ${pictures === 1 ? "line" : "lines"} of prompts`];
}
