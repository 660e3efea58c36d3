import { describeLooseJson } from "../../checkpoints/strict-json.js";

/** Metadata nests four or five levels deep; whatever walks through a value by recursion would run out of stack on one that is too deep. */
const DEEPEST = 32;

/**
 * Reads the JSON inside a picture. The text is already bounded by the reader of text chunks.
 *
 * @returns undefined when it is no JSON, nests too deep or names a key twice
 */
export function parseBoundedJson(text: string): unknown {
  if (describeLooseJson(text, DEEPEST) !== undefined) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
