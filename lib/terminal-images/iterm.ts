/**
 * A PNG as iTerm2's inline image, shown at the cursor over so many columns, the rows following from its proportions.
 * Source: iterm2.com/documentation-images.html.
 *
 * @param columns of the terminal that the picture is to cover
 */
export function itermPicture(png: Uint8Array, columns: number): string {
  const control = `inline=1;size=${png.length};width=${columns};preserveAspectRatio=1`;
  return `\x1b]1337;File=${control}:${Buffer.from(png).toString("base64")}\x07\n`;
}
