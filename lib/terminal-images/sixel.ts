import type { RgbPicture } from "../images/pixels/encode-png.js";
import { type Color, choosePalette, type IndexedPicture } from "./palette.js";

/** Rows of pixels in one band: a character holds six of them. */
const BAND = 6;
/** The character of no pixel; the bits of a column are added to it, the topmost row being the lowest. */
const EMPTY = 0x3f;

/**
 * A picture in sixel graphics, one pixel a pixel. Source: DEC, "VT330/VT340 Programmer Reference Manual", volume 2, chapter 14.
 */
export function sixelPicture(picture: RgbPicture): string {
  const indexed = choosePalette(picture);
  const bands: string[] = [];
  for (let top = 0; top < indexed.height; top += BAND) bands.push(bandOf(indexed, top));
  // P2 = 1: what no colour covers is left as it is. Then the raster attributes: square pixels, width, height.
  const begin = `\x1bP0;1;0q"1;1;${indexed.width};${indexed.height}`;
  return `${begin}${indexed.colors.map(defineColor).join("")}${bands.join("-")}\x1b\\\n`;
}

/** Channels in per cent. */
function defineColor(color: Color, register: number): string {
  return `#${register};2;${color.map((level) => Math.round((level * 100) / 255)).join(";")}`;
}

/** Six rows: one pass a colour that they hold, each from the left again. */
function bandOf({ width, height, indices }: IndexedPicture, top: number): string {
  const passes = new Map<number, Uint8Array>();
  for (let row = 0; row < Math.min(BAND, height - top); row++) {
    for (let x = 0; x < width; x++) {
      const register = indices[(top + row) * width + x]!;
      let columns = passes.get(register);
      if (columns === undefined) {
        columns = new Uint8Array(width);
        passes.set(register, columns);
      }
      columns[x]! |= 1 << row;
    }
  }
  return [...passes].map(([register, columns]) => `#${register}${runs(columns)}`).join("$");
}

/** Columns as characters, four and more of the same as `!count character`, nothing for the empty ones at the end. */
function runs(columns: Uint8Array): string {
  let end = columns.length;
  while (end > 0 && columns[end - 1] === 0) end--;
  let text = "";
  for (let at = 0; at < end; ) {
    let next = at + 1;
    while (next < end && columns[next] === columns[at]) next++;
    const character = String.fromCharCode(EMPTY + columns[at]!);
    text += next - at > 3 ? `!${next - at}${character}` : character.repeat(next - at);
    at = next;
  }
  return text;
}
