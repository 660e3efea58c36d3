/** Base64 characters of one escape sequence; the protocol allows no more. */
const CHUNK = 4096;

/**
 * A PNG in kitty's graphics protocol: sent in pieces, shown at the cursor over so many columns, the rows following from its proportions.
 * Source: sw.kovidgoyal.net/kitty/graphics-protocol.
 *
 * @param columns of the terminal that the picture is to cover
 */
export function kittyPicture(png: Uint8Array, columns: number): string {
  const data = Buffer.from(png).toString("base64");
  const pieces: string[] = [];
  for (let at = 0; at < data.length; at += CHUNK) {
    const more = at + CHUNK < data.length ? 1 : 0;
    // Action T: transmit and show; format 100: PNG; q=2: no answers, which would land in the line being typed.
    const control = at === 0 ? `a=T,f=100,q=2,c=${columns},m=${more}` : `m=${more}`;
    pieces.push(`\x1b_G${control};${data.slice(at, at + CHUNK)}\x1b\\`);
  }
  return `${pieces.join("")}\n`;
}
