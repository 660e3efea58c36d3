/** Where a word stands in its text. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * Where the words of `shellWords` stand, quotation marks and backslashes included. A comment at the end is no word. An open quotation
 * reaches to the end.
 */
export function wordSpans(text: string): Span[] {
  const spans: Span[] = [];
  let start: number | undefined;
  let quote: string | undefined;
  for (let at = 0; at < text.length; at++) {
    const character = text[at] as string;
    if (quote !== undefined) {
      if (character === quote) quote = undefined;
      else if (character === "\\" && quote === '"') at++;
    } else if (/\s/.test(character)) {
      if (start !== undefined) spans.push({ start, end: at });
      start = undefined;
    } else {
      if (character === "#" && start === undefined) return spans;
      start ??= at;
      if (character === "\\") at++;
      else if (character === "'" || character === '"') quote = character;
    }
  }
  if (start !== undefined) spans.push({ start, end: text.length });
  return spans;
}
