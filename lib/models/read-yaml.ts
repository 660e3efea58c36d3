import { type CST, type Document, Parser, parseDocument } from "yaml";
import { DreamError, type ErrorCode } from "../errors.js";
import { isDeeperThan, isJsonObject, type JsonObject, readBoundedText } from "../json-file.js";

/** Registries and side configurations have a few kB. */
const LIMIT = 256 * 1024;
/** Levels that nobody writes by hand. */
const DEEPEST = 64;

/** A YAML file whose top level is a mapping: its data, and the document that keeps comments and order. */
export interface YamlMapping {
  readonly document: Document.Parsed;
  readonly values: JsonObject;
}

/**
 * Reads a YAML file whose top level is a mapping; an empty file is an empty mapping. Only plain data: no custom tags, few aliases.
 * @throws DreamError file/not-found, file/unreadable, or `code` when it is too large or not such a file
 */
export async function readYamlMapping(path: string, code: ErrorCode): Promise<JsonObject> {
  return parseYamlMapping(await readYamlText(path, code), path, code).values;
}

/** The text of a YAML file of bearable size. @throws DreamError file/not-found, file/unreadable, or `code` when it is too large */
export function readYamlText(path: string, code: ErrorCode): Promise<string> {
  return readBoundedText(path, LIMIT, code);
}

/**
 * Parses what `readYamlText` read.
 * @param path for messages
 * @throws DreamError `code`
 */
export function parseYamlMapping(text: string, path: string, code: ErrorCode): YamlMapping {
  if (text.length > LIMIT) throw new DreamError(code, `${path} has ${text.length} characters; at most ${LIMIT} are read`);
  if (isNestedTooDeep(text)) throw new DreamError(code, `${path} nests deeper than ${DEEPEST} levels`);
  let document: Document.Parsed;
  let value: unknown;
  try {
    document = parseDocument(text, { logLevel: "error", prettyErrors: true });
    const problem = document.errors[0] ?? document.warnings[0];
    if (problem !== undefined) throw problem;
    // Aliases of aliases can stand for gigabytes; the reader counts what they expand to.
    value = document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    const reason = isJsonObject(error) || error instanceof Error ? String(error.message).split("\n")[0] : String(error);
    throw new DreamError(code, `${path} is not valid YAML: ${reason}`, { cause: error });
  }
  // An alias may also stand for what it is part of.
  if (isDeeperThan(value, DEEPEST)) throw new DreamError(code, `${path} nests deeper than ${DEEPEST} levels`);
  if (value !== null && value !== undefined && !isJsonObject(value)) throw new DreamError(code, `${path} does not hold a mapping`);
  return { document, values: value ?? {} };
}

/**
 * Looks at the nesting before anything walks through it by recursion: the yaml package recurses, and a regular expression that is
 * compiled when the stack is nearly used up ends the whole program. Only the package's lexical step runs here, which does not recurse.
 */
function isNestedTooDeep(text: string): boolean {
  const open: { token: CST.Token; level: number }[] = [];
  for (const token of new Parser().parse(text)) open.push({ token, level: 0 });
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { token, level } = next;
    if (level > DEEPEST) return true;
    if (token.type === "document" && token.value) open.push({ token: token.value, level });
    if (!("items" in token)) continue;
    for (const { key, value } of token.items) {
      for (const inner of [key, value]) if (inner) open.push({ token: inner, level: level + 1 });
    }
  }
  return false;
}
