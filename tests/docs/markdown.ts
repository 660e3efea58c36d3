/** Text in a cell of a table. */
export function inCell(text: string): string {
  return text.replaceAll("|", "\\|");
}

/** Code in a cell of a table. */
export function code(text: string): string {
  return `\`${inCell(text)}\``;
}
