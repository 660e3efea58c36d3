/**
 * Text that nobody vouches for (a prompt from a file, a command inside a picture), fit to be printed: control characters, which could
 * move the cursor or recolour a terminal, are spelled out. Line ends and tabs stay.
 */
export function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, (character) => {
    if (character === "\n" || character === "\t") return character;
    return `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`;
  });
}
