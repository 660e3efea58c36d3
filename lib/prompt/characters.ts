import type { Reading } from "./syntax-tree.js";

/** Characters of the grammar; a backslash before one makes it text. */
const SPECIAL = new Set('()",.+-=');
/** What separates words. The last two also end the grammar: nothing skips them. */
const BLANKS = new Set(" \t\n\r");
const WHITE = new Set(" \t\n\r\v\f");

/** Whether there is anything but white space and control characters. */
export function hasContent(text: string): boolean {
  return /[^\s\p{Cc}]|\ufeff/u.test(text);
}

/** The index of the first character from `from` that is no blank. */
export function skipBlanks(text: string, from: number): number {
  let at = from;
  while (BLANKS.has(text[at] as string)) at++;
  return at;
}

export function isBlank(character: string | undefined): boolean {
  return BLANKS.has(character as string);
}

/** Where blanks end that the whole prompt may hold between words: form feeds count when a blank follows. `from` itself when there are none. */
export function skipGap(text: string, from: number): number {
  let at = from;
  while (text[at] === "\f") at++;
  const end = skipBlanks(text, at);
  return end > at ? end : from;
}

/** Where the run of non-white characters ends. */
export function freeWordEnd(text: string, from: number): number {
  let at = from;
  while (at < text.length && !WHITE.has(text[at] as string)) at++;
  return at;
}

/**
 * Where a word ends: escaped specials, `+` and `-` inside a word, anything that is neither white nor special.
 *
 * @returns `from` when no word begins there
 */
export function wordEnd(text: string, from: number): number {
  let at = from;
  while (at < text.length) {
    const character = text[at] as string;
    const next = text[at + 1];
    if (character === "\\" && SPECIAL.has(next as string)) at += 2;
    else if (character === "+" || character === "-") {
      if (next === undefined || BLANKS.has(next) || SPECIAL.has(next)) break;
      at++;
    } else if (SPECIAL.has(character) || WHITE.has(character)) break;
    else at++;
  }
  return at;
}

/** Where a run of one character ends. */
export function runEnd(text: string, from: number, character: string): number {
  let at = from;
  while (text[at] === character) at++;
  return at;
}

/** An unescaped quotation mark, a line end, or an escaped quotation mark. */
const QUOTATION_PART = /\\"|["\n\r]/g;

/**
 * A quotation that begins with the mark at `from`. An escaped mark belongs to it, unless no other ends it: then the last escaped one does.
 *
 * @returns its content with marks escaped, `\t`, `\n`, `\f` and `\r` turned into the white space they stand for
 */
export function readQuotation(text: string, from: number): Reading<string> | undefined {
  if (text[from] !== '"') return undefined;
  const part = new RegExp(QUOTATION_PART);
  part.lastIndex = from + 1;
  let escaped = -1;
  let close = -1;
  for (let match = part.exec(text); match !== null && close < 0; match = part.exec(text)) {
    if (match[0] === '\\"') escaped = match.index + 1;
    else if (match[0] === '"') close = match.index;
    else break;
  }
  if (close < 0) close = escaped;
  if (close < 0) return undefined;
  const content = text.slice(from + 1, close);
  return { value: content.replace(/\\[tnfr]/g, (letters) => ESCAPED_WHITE[letters] as string), end: close + 1 };
}

const ESCAPED_WHITE: Readonly<Record<string, string>> = { "\\t": "\t", "\\n": "\n", "\\f": "\f", "\\r": "\r" };
