import { describe, expect, test } from "@jest/globals";
import { CHARACTER_HEIGHT, CHARACTER_WIDTH, cutText, drawText, textWidth } from "../../../lib/images/pixels/bitmap-font.js";
import { blankCanvas } from "../../../lib/images/pixels/canvas.js";

/** What a text looks like at a scale: "#" for ink, a string a row. */
function drawn(text: string, scale = 1): string[] {
  const canvas = blankCanvas(Math.max(1, textWidth(text, scale)), CHARACTER_HEIGHT * scale, 255);
  drawText(canvas, text, 0, 0, scale);
  return Array.from({ length: canvas.height }, (_, y) =>
    Array.from({ length: canvas.width }, (_, x) => (canvas.rgb[(y * canvas.width + x) * 3] === 0 ? "#" : ".")).join(""),
  );
}

describe("letters", () => {
  test("are drawn as one sees them", () => {
    expect(drawn("Ag")).toEqual([
      ".###........",
      "#...#.......",
      "#...#..####.",
      "#...#.#...#.",
      "#####.#...#.",
      "#...#..####.",
      "#...#.....#.",
      ".......###..",
      "............",
    ]);
  });

  test("are all there and all different", () => {
    const shapes = Array.from({ length: 95 }, (_, i) => drawn(String.fromCharCode(0x20 + i)).join());
    expect(new Set(shapes).size).toBe(95);
    expect(shapes.filter((shape) => !shape.includes("#"))).toHaveLength(1);
  });

  test.each(["é", "猫", "🙂", "\n", "\u0000"])("outside printable ASCII are question marks: %j", (character) => {
    expect(drawn(character)).toEqual(drawn("?"));
  });

  test("keep a gap on the right and below", () => {
    for (const rows of Array.from({ length: 95 }, (_, i) => drawn(String.fromCharCode(0x20 + i)))) {
      expect(rows.every((row) => row.length === CHARACTER_WIDTH && row.endsWith("."))).toBe(true);
      expect(rows.at(-1)).not.toContain("#");
    }
  });

  test("grow with the scale", () => {
    const doubled = drawn("k").flatMap((row) => Array(2).fill([...row].map((pixel) => pixel + pixel).join("")));
    expect(drawn("k", 2)).toEqual(doubled);
  });

  test("that lie outside the canvas are cut off", () => {
    const canvas = blankCanvas(4, 4, 255);
    drawText(canvas, "######", -8, -2, 2);
    expect(canvas.rgb).toHaveLength(48);
    expect(canvas.rgb).toContain(0);
  });
});

test.each([
  ["k_euler", 42, "k_euler"],
  ["k_euler", 41, "k_e..."],
  ["k_euler", 18, "..."],
  ["k_euler", 7, "."],
  ["k_euler", 0, ""],
])("%s in %i pixels: %j", (text, width, shown) => {
  expect(cutText(text, width, 1)).toBe(shown);
});
