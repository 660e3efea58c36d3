import { type Canvas, fillRectangle } from "./canvas.js";

/** Pixels of one character with the gap to the next, at scale 1. */
export const CHARACTER_WIDTH = 6;
export const CHARACTER_HEIGHT = 9;

const GLYPH_WIDTH = 5;
const FIRST_CHARACTER = 0x20;

/**
 * The printable ASCII characters in order, drawn for this program: a contact sheet must not depend on the fonts of a machine. Eight
 * rows a character, one base-32 digit a row, whose bits are the five pixels from left (16) to right (1); the last row is the descender.
 */
const GLYPHS = [
  "00000000 44444040 aaa00000 aavavaa0 4fke5u40 op248j30 cik8lid0 44800000 24888420 84222480 04lel400 044v4400 00000c48 000v0000",
  "00000cc0 01248g00 ehjlphe0 4c4444e0 eh1248v0 v2421he0 26aiv220 vgu11he0 68guhhe0 v1248880 ehhehhe0 ehhf12c0 0cc0cc00 0cc0c480",
  "248g8420 00v0v000 84212480 eh124040 eh1dlle0 ehhhvhh0 uhhuhhu0 ehggghe0 sihhhis0 vgguggv0 vgguggg0 ehgnhhf0 hhhvhhh0 e44444e0",
  "72222ic0 hikokih0 ggggggv0 hrllhhh0 hhpljhh0 ehhhhhe0 uhhuggg0 ehhhlid0 uhhukih0 fgge11u0 v4444440 hhhhhhe0 hhhhha40 hhhllla0",
  "hha4ahh0 hhha4440 v1248gv0 e88888e0 0g842100 e22222e0 4ah00000 000000v0 84200000 00e1fhf0 ggmphhu0 00egghe0 11djhhf0 00ehvge0",
  "698s8880 00fhhf1e ggmphhh0 40c444e0 206222ic ggikoki0 c44444e0 00qllhh0 00mphhh0 00ehhhe0 00uhhugg 00djhf11 00mpggg0 00ege1u0",
  "88s88960 00hhhjd0 00hhha40 00hhlla0 00ha4ah0 00hhhf1e 00v248v0 24484420 44444440 84424480 008l2000",
]
  .join(" ")
  .split(" ")
  .map((rows) => [...rows].map((digit) => Number.parseInt(digit, 32)));

/** Rows of a character, five bits each; "?" stands for everything outside printable ASCII. */
function glyph(character: string): readonly number[] {
  return GLYPHS[character.codePointAt(0)! - FIRST_CHARACTER] ?? glyph("?");
}

/** Pixels that a text takes in a row. */
export function textWidth(text: string, scale: number): number {
  return [...text].length * CHARACTER_WIDTH * scale;
}

/** The text, or as much of its beginning as fits into `width` pixels with "..." behind it. */
export function cutText(text: string, width: number, scale: number): string {
  if (textWidth(text, scale) <= width) return text;
  const room = Math.max(0, Math.floor(width / (CHARACTER_WIDTH * scale)));
  return room <= 3 ? ".".repeat(room) : `${[...text].slice(0, room - 3).join("")}...`;
}

/**
 * Writes one line of text on a canvas, black on what is there.
 *
 * @param left,top of the first character
 * @param scale pixels of the canvas a pixel of the font, a whole number
 */
export function drawText(canvas: Canvas, text: string, left: number, top: number, scale: number): void {
  [...text].forEach((character, place) => {
    glyph(character).forEach((bits, row) => {
      for (let column = 0; column < GLYPH_WIDTH; column++) {
        if (((bits >> (GLYPH_WIDTH - 1 - column)) & 1) === 0) continue;
        const x = left + (place * CHARACTER_WIDTH + column) * scale;
        fillRectangle(canvas, { left: x, top: top + row * scale, width: scale, height: scale }, 0);
      }
    });
  });
}
