import type { RgbPicture } from "../images/pixels/encode-png.js";
import type { TextColours } from "./detect.js";
import type { Color } from "./palette.js";

const UPPER_HALF = "▀";
const RESET = "\x1b[0m";

/**
 * A picture in letters, two pixels a letter: the upper half block in the upper pixel's colour on the lower pixel's.
 *
 * @param picture one pixel a column
 */
export function halfBlocks({ width, height, rgb }: RgbPicture, colours: Exclude<TextColours, "none">): string {
  const parameters = colours === "24bit" ? exactColor : nearestOf256;
  const pixel = (x: number, y: number): Color => [0, 1, 2].map((channel) => rgb[(y * width + x) * 3 + channel]!) as unknown as Color;
  let text = "";
  for (let y = 0; y < height; y += 2) {
    let [shownUpper, shownLower] = ["", ""];
    for (let x = 0; x < width; x++) {
      const upper = `38;${parameters(pixel(x, y))}`;
      // Below the last row of an odd height is the terminal's own background.
      const lower = y + 1 < height ? `48;${parameters(pixel(x, y + 1))}` : "49";
      const changes = [...(upper === shownUpper ? [] : [upper]), ...(lower === shownLower ? [] : [lower])];
      text += (changes.length > 0 ? `\x1b[${changes.join(";")}m` : "") + UPPER_HALF;
      [shownUpper, shownLower] = [upper, lower];
    }
    text += `${RESET}\n`;
  }
  return text;
}

function exactColor(color: Color): string {
  return `2;${color.join(";")}`;
}

/** Levels of the 6×6×6 cube among the 256 colours, whose registers begin at 16; greys 8, 18 … 238 begin at 232. */
const CUBE: readonly number[] = [0, 95, 135, 175, 215, 255];

function nearestOf256(color: Color): string {
  const steps = color.map((level) =>
    CUBE.reduce((best, _, step) => (distance(level, CUBE[step]!) < distance(level, CUBE[best]!) ? step : best), 0),
  );
  const cube = steps.map((step) => CUBE[step]!);
  const mean = (color[0] + color[1] + color[2]) / 3;
  const greyStep = Math.min(23, Math.max(0, Math.round((mean - 8) / 10)));
  const grey = 8 + greyStep * 10;
  const error = (levels: readonly number[]) => levels.reduce((sum, level, i) => sum + distance(level, color[i]!) ** 2, 0);
  return error([grey, grey, grey]) < error(cube) ? `5;${232 + greyStep}` : `5;${16 + steps[0]! * 36 + steps[1]! * 6 + steps[2]!}`;
}

function distance(one: number, other: number): number {
  return Math.abs(one - other);
}
