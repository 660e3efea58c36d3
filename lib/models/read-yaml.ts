import { parseDocument } from "yaml";
import { DreamError, type ErrorCode } from "../errors.js";
import { isJsonObject, type JsonObject, readBoundedText } from "../json-file.js";

/** Registries and side configurations have a few kB. */
const LIMIT = 1024 * 1024;

/**
 * Reads a YAML file whose top level is a mapping; an empty file is an empty mapping. Only plain data: no custom tags, few aliases.
 * @throws DreamError file/not-found, file/unreadable, or `code` when it is too large or not such a file
 */
export async function readYamlMapping(path: string, code: ErrorCode): Promise<JsonObject> {
  const text = await readBoundedText(path, LIMIT, code);
  let value: unknown;
  try {
    const document = parseDocument(text, { logLevel: "silent", prettyErrors: true });
    const problem = document.errors[0] ?? document.warnings[0];
    if (problem !== undefined) throw problem;
    // Aliases of aliases can stand for gigabytes; the reader counts what they expand to.
    value = document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    const reason = isJsonObject(error) || error instanceof Error ? String(error.message).split("\n")[0] : String(error);
    throw new DreamError(code, `${path} is not valid YAML: ${reason}`, { cause: error });
  }
  if (value !== null && value !== undefined && !isJsonObject(value)) throw new DreamError(code, `${path} does not hold a mapping`);
  return value ?? {};
}
