import { DreamError } from "../errors.js";

/** A pair of braces that stands for several texts. */
export interface BraceGroup {
  /** Offset of the opening brace, and after the closing one. */
  readonly start: number;
  readonly end: number;
  /** What is between them, as it stands. */
  readonly content: string;
}

/** In a prompt only `|` makes a group: commas and dots belong to the language. */
export type GroupKind = "prompt" | "number" | "choice";

/** A sweep never makes more lines. */
export const MOST_LINES = 1000;

/**
 * The groups in a text, from left to right. A backslash before a brace makes it literal; so is a brace without a partner, the outer one of
 * two nested pairs, and a pair with nothing to choose from.
 */
export function findGroups(text: string, kind: GroupKind): BraceGroup[] {
  const groups: BraceGroup[] = [];
  let start: number | undefined;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === "{") start = at;
    else if (text[at] === "}" && start !== undefined) {
      const content = text.slice(start + 1, at);
      const chooses = kind === "prompt" ? content.includes("|") : /[,|]|\.\./.test(content);
      if (chooses) groups.push({ start, end: at + 1, content });
      start = undefined;
    }
  }
  return groups;
}

/** Turns `\{` and `\}` into braces; every other backslash stays, and a pair of them protects nothing. */
export function unescapeBraces(text: string): string {
  return text.replace(/\\([\s\S])/g, (both, next: string) => (next === "{" || next === "}" ? next : both));
}

/**
 * Puts a backslash before the braces of a quoted prompt if any of them would open a group. It is all or none: without its inner group
 * `{{a|b}}` would become one.
 */
export function escapeGroups(quoted: string): string {
  if (findGroups(quoted, "prompt").length === 0) return quoted;
  return quoted.replace(/\\[\s\S]|[{}]/g, (piece) => (piece.startsWith("\\") ? piece : `\\${piece}`));
}

/** Takes back what `escapeGroups` did; a text that it would not have written stays. */
export function undoEscapeGroups(quoted: string): string {
  const plain = unescapeBraces(quoted);
  return escapeGroups(plain) === quoted ? plain : quoted;
}

/**
 * What a group stands for: `{red|green}`, `{5,7.5,10}`, `{10..50..10}` and mixtures such as `{1..3,7}`.
 *
 * @param name of the switch, for messages
 * @throws DreamError usage/line
 */
export function groupValues({ content }: BraceGroup, kind: GroupKind, name: string): string[] {
  if (kind === "prompt") return content.split("|").map(unescapeBraces);
  const items = content.split(/[,|]/).map((item) => item.trim());
  if (items.includes("")) throw usageError(`the list {${shorten(content)}} of ${name} holds an empty value`);
  if (items.length > MOST_LINES)
    throw usageError(`the list of ${name} has ${items.length} values; a sweep makes at most ${MOST_LINES} lines`);
  return kind === "choice" ? items : items.flatMap((item) => (item.includes("..") ? rangeValues(item, name) : [item]));
}

const NUMBER = /^-?(?:\d{1,10}(?:\.\d{1,10})?|\.\d{1,10})$/;

/** `10..50..10`: from, to, step; the end belongs to it when a step meets it. Without a step it is 1 or -1. */
function rangeValues(range: string, name: string): string[] {
  const written = `the range {${shorten(range)}} of ${name}`;
  const parts = range.split("..");
  if (parts.length > 3 || !parts.every((part) => NUMBER.test(part))) {
    throw usageError(`${written} needs two or three numbers, such as {10..50} or {10..50..10}`);
  }
  const digits = Math.max(...parts.map((part) => part.split(".")[1]?.length ?? 0));
  // Counted in units of the last digit, because 0.1 + 0.1 + 0.1 is not 0.3.
  const unit = 10 ** digits;
  const [from = 0, to = 0, given] = parts.map((part) => Math.round(Number(part) * unit));
  const step = given ?? (to < from ? -unit : unit);
  if (step === 0) throw usageError(`${written} has the step 0`);
  if ((to - from) * step < 0) {
    throw usageError(`${written} never reaches ${parts[1]}; its step must be ${to < from ? "negative" : "positive"}`);
  }
  const count = Math.floor((to - from) / step) + 1;
  if (count > MOST_LINES) throw usageError(`${written} has ${count} values; a sweep makes at most ${MOST_LINES} lines`);
  return Array.from({ length: count }, (_, index) => String(Number(((from + index * step) / unit).toFixed(digits))));
}

function shorten(text: string): string {
  return text.length <= 60 ? text : `${text.slice(0, 60)} ...`;
}

function usageError(message: string): DreamError {
  return new DreamError("usage/line", message);
}
