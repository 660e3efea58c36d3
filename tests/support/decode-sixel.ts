import type { RgbPicture } from "../../lib/images/pixels/encode-png.js";

/** Draws a sixel sequence as a terminal would. Throws at whatever the language does not have, and at pixels that nothing covered. */
export function decodeSixel(sequence: string): RgbPicture {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with a control character
  const whole = /^\x1bP0;1;0q"1;1;(\d+);(\d+)([!-~]*)\x1b\\\n$/.exec(sequence);
  if (whole === null) throw new Error("not one sixel sequence");
  const [width, height] = [Number(whole[1]), Number(whole[2])];
  const rgb = new Uint8Array(width * height * 3);
  const covered = new Uint8Array(width * height);
  const registers = new Map<number, readonly number[]>();
  let [x, top, color]: [number, number, readonly number[]] = [0, 0, []];
  const token = /#(\d+);2;(\d+);(\d+);(\d+)|#(\d+)|!(\d+)([?-~])|([?-~])|([$-])/y;
  const body = whole[3]!;
  for (token.lastIndex = 0; token.lastIndex < body.length; ) {
    const match = token.exec(body);
    if (match === null) throw new Error("a character that sixel does not have");
    const [, define, red, green, blue, select, count = "1", repeated, single, move] = match;
    if (define !== undefined)
      registers.set(
        Number(define),
        [red, green, blue].map((part) => Math.round((Number(part) * 255) / 100)),
      );
    else if (select !== undefined) color = registers.get(Number(select))!;
    else if (move === "$") x = 0;
    else if (move === "-") [x, top] = [0, top + 6];
    else {
      const bits = (repeated ?? single)!.charCodeAt(0) - 0x3f;
      for (let i = 0; i < Number(count); i++, x++) {
        for (let row = 0; row < 6; row++) {
          if (((bits >> row) & 1) === 0) continue;
          if (x >= width || top + row >= height) throw new Error("a pixel outside the picture");
          rgb.set(color, ((top + row) * width + x) * 3);
          covered[(top + row) * width + x] = 1;
        }
      }
    }
  }
  if (registers.size > 256) throw new Error("more than 256 colours");
  if (covered.includes(0)) throw new Error("a pixel that nothing covered");
  return { width, height, rgb };
}
