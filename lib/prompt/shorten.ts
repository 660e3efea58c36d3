/** A piece of a prompt, fit to be named in a note: one line of forty characters at most. */
export function shorten(text: string): string {
  const plain = text
    .slice(0, 200)
    .replace(/[\s\p{Cc}]+/gu, " ")
    .trim();
  return plain.length > 40 ? `${plain.slice(0, 39)}…` : plain;
}
