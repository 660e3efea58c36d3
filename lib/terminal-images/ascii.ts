import type { RgbPicture } from "../images/pixels/encode-png.js";

/** From dark to light, for letters on a dark background. */
const RAMP = " .:-=+*#%@";

/**
 * A picture in ASCII without colours, two pixels a letter, the denser the lighter.
 *
 * @param picture one pixel a column
 */
export function asciiPicture({ width, height, rgb }: RgbPicture): string {
  const luma = (x: number, y: number) => {
    const at = (Math.min(y, height - 1) * width + x) * 3;
    // Rec. 601, as Pillow's "L".
    return (rgb[at]! * 299 + rgb[at + 1]! * 587 + rgb[at + 2]! * 114) / 1000;
  };
  let text = "";
  for (let y = 0; y < height; y += 2) {
    let line = "";
    for (let x = 0; x < width; x++) {
      const level = (luma(x, y) + luma(x, y + 1)) / 2;
      line += RAMP[Math.min(RAMP.length - 1, Math.floor((level / 256) * RAMP.length))]!;
    }
    text += `${line.trimEnd()}\n`;
  }
  return text;
}
