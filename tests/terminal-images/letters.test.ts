import { describe, expect, test } from "@jest/globals";
import type { RgbPicture } from "../../lib/images/pixels/encode-png.js";
import { asciiPicture } from "../../lib/terminal-images/ascii.js";
import { halfBlocks } from "../../lib/terminal-images/half-blocks.js";

const picture: RgbPicture = {
  width: 3,
  height: 3,
  rgb: Uint8Array.from(
    [
      [255, 0, 0, 255, 0, 0, 10, 20, 30],
      [0, 0, 255, 0, 255, 0, 10, 20, 30],
      [1, 2, 3, 128, 128, 128, 250, 250, 250],
    ].flat(),
  ),
};

/** What a terminal shows: for every letter the colours of its upper and lower half; "default" for the terminal's own. */
function decodeHalfBlocks(text: string): string[][] {
  return text
    .split("\n")
    .slice(0, -1)
    .map((line) => {
      let [upper, lower] = ["default", "default"];
      const cells: string[] = [];
      // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with a control character
      for (const [, parameters, letter] of line.matchAll(/\x1b\[([\d;]*)m|(.)/gu)) {
        if (letter !== undefined) {
          expect(letter).toBe("▀");
          cells.push(`${upper}/${lower}`);
        }
        if (parameters === "0") [upper, lower] = ["default", "default"];
        upper = /(?:^|;)38;(2;\d+;\d+;\d+|5;\d+)/.exec(parameters ?? "")?.[1] ?? upper;
        lower = /(?:^|;)48;(2;\d+;\d+;\d+|5;\d+)/.exec(parameters ?? "")?.[1] ?? lower;
      }
      expect([upper, lower]).toEqual(["default", "default"]);
      return cells;
    });
}

describe("half blocks", () => {
  test("24 bits: exactly the pixels", () => {
    expect(decodeHalfBlocks(halfBlocks(picture, "24bit"))).toEqual([
      ["2;255;0;0/2;0;0;255", "2;255;0;0/2;0;255;0", "2;10;20;30/2;10;20;30"],
      ["2;1;2;3/default", "2;128;128;128/default", "2;250;250;250/default"],
    ]);
  });

  test("256 colours: the nearest", () => {
    expect(decodeHalfBlocks(halfBlocks(picture, "256"))).toEqual([
      ["5;196/5;21", "5;196/5;46", "5;233/5;233"],
      ["5;16/default", "5;244/default", "5;231/default"],
    ]);
  });

  test("a colour is said once a run", () => {
    const plain = { width: 50, height: 2, rgb: new Uint8Array(300).fill(7) };
    expect(halfBlocks(plain, "24bit")).toBe(`\x1b[38;2;7;7;7;48;2;7;7;7m${"▀".repeat(50)}\x1b[0m\n`);
  });
});

describe("ASCII", () => {
  test("the lighter, the denser", () => {
    const ramp = { width: 10, height: 2, rgb: Uint8Array.from({ length: 60 }, (_, i) => (Math.floor(i / 3) % 10) * 28) };
    expect(asciiPicture(ramp)).toBe(" .:-=+*#%@\n");
  });

  test("two pixels a letter; the last row of an odd height stands for itself", () => {
    const rows = { width: 1, height: 3, rgb: Uint8Array.from([0, 0, 0, 255, 255, 255, 255, 255, 255]) };
    expect(asciiPicture(rows)).toBe("=\n@\n");
  });

  test("green is lighter than blue", () => {
    expect(asciiPicture({ width: 2, height: 1, rgb: Uint8Array.of(0, 255, 0, 0, 0, 255) })).toBe("+.\n");
  });
});
