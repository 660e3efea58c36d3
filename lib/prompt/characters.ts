import type { Reading } from "./syntax-tree.js";

/** Characters of the grammar; a backslash before one makes it text. */
const SPECIAL = 1;
/** What separates words. */
const BLANK = 2;
/** What ends a word and is skipped by nothing, so that it ends the grammar, too. */
const STOP = 4;

const CLASSES = new Uint8Array(128);
for (const [characters, type] of [
  ['()",.+-=', SPECIAL],
  [" \t\n\r", BLANK],
  ["\v\f", STOP],
] as const) {
  // biome-ignore format: a table
  for (const character of characters) CLASSES[character.charCodeAt(0)] = type;
}

const BACKSLASH = "\\".charCodeAt(0);
const PLUS = "+".charCodeAt(0);
const MINUS = "-".charCodeAt(0);

/** 0 for what has no meaning, and behind the end. */
function classAt(text: string, at: number): number {
  return CLASSES[text.charCodeAt(at)] ?? 0;
}

/** Whether there is anything but white space and control characters. */
export function hasContent(text: string): boolean {
  return /[^\s\p{Cc}]|\ufeff/u.test(text);
}

/** The index of the first character from `from` that is no blank. */
export function skipBlanks(text: string, from: number): number {
  let at = from;
  while (classAt(text, at) === BLANK) at++;
  return at;
}

export function isBlankAt(text: string, at: number): boolean {
  return classAt(text, at) === BLANK;
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
  while (at < text.length && classAt(text, at) <= SPECIAL) at++;
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
    const character = text.charCodeAt(at);
    const type = classAt(text, at);
    if (character === BACKSLASH) at += classAt(text, at + 1) === SPECIAL ? 2 : 1;
    else if (character === PLUS || character === MINUS) {
      const next = classAt(text, at + 1);
      if (at + 1 === text.length || next === SPECIAL || next === BLANK) break;
      at++;
    } else if (type !== 0) break;
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
