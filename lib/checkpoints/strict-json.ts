/**
 * Looks for what JSON.parse lets through: a key that occurs twice in one object, and nesting deeper than `maxDepth`.
 * It is linear in the text, needs no recursion and says nothing about text that is not JSON: JSON.parse does that afterwards.
 *
 * @param maxDepth deepest allowed nesting of objects and arrays; 1 is the top level
 * @returns what is wrong, as the end of a sentence, or undefined
 */
export function describeLooseJson(text: string, maxDepth: number): string | undefined {
  // One entry per open bracket: the keys seen so far in an object, null for an array.
  const open: (Set<string> | null)[] = [];
  let lastString: string | undefined;
  for (let position = 0; position < text.length; position++) {
    switch (text.charCodeAt(position)) {
      case OPEN_BRACE:
      case OPEN_BRACKET:
        if (open.length === maxDepth) return `nests deeper than ${maxDepth} levels`;
        open.push(text.charCodeAt(position) === OPEN_BRACE ? new Set() : null);
        break;
      case CLOSE_BRACE:
      case CLOSE_BRACKET:
        open.pop();
        break;
      case QUOTE: {
        const end = stringEnd(text, position);
        if (end === -1) return undefined;
        lastString = text.slice(position, end + 1);
        position = end;
        break;
      }
      case COLON: {
        const keys = open.at(-1);
        const key = decodeKey(lastString);
        if (keys && key !== undefined) {
          if (keys.has(key)) return `names ${JSON.stringify(key.slice(0, 100))} twice`;
          keys.add(key);
        }
        break;
      }
    }
  }
  return undefined;
}

const QUOTE = 0x22;
const COLON = 0x3a;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const BACKSLASH = 0x5c;

/** Index of the quote that closes the string opened at `start`, or -1. */
function stringEnd(text: string, start: number): number {
  for (let position = start + 1; position < text.length; position++) {
    const code = text.charCodeAt(position);
    if (code === BACKSLASH) position++;
    else if (code === QUOTE) return position;
  }
  return -1;
}

/** `"a\u0062"` and `"ab"` are the same key, so escapes are resolved before comparing. */
function decodeKey(quoted: string | undefined): string | undefined {
  if (quoted === undefined) return undefined;
  if (!quoted.includes("\\")) return quoted.slice(1, -1);
  try {
    return JSON.parse(quoted) as string;
  } catch {
    return undefined;
  }
}
