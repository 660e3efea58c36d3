/** The longest text with which all of `texts` begin; "" for none. Characters are never cut in two. */
export function commonStart(texts: readonly string[]): string {
  const [first = "", ...others] = texts;
  let start = "";
  for (const character of first) {
    const longer = start + character;
    if (!others.every((text) => text.startsWith(longer))) break;
    start = longer;
  }
  return start;
}
