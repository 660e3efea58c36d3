import { describe, expect, test } from "@jest/globals";
import { CHARACTER_HEIGHT, drawText } from "../../../lib/images/pixels/bitmap-font.js";
import { blankCanvas } from "../../../lib/images/pixels/canvas.js";
import { makeContactSheet } from "../../../lib/images/pixels/contact-sheet.js";
import type { RgbPicture } from "../../../lib/images/pixels/encode-png.js";

const plain = (size: number, level: number): RgbPicture => ({
  width: size,
  height: size,
  rgb: new Uint8Array(size * size * 3).fill(level),
});
const levels = [40, 60, 80, 100, 120, 140];
const pictures = levels.map((level) => plain(64, level));

/** The place of the top left pixel of a level, or undefined. */
function find({ width, rgb }: RgbPicture, level: number): readonly [number, number] | undefined {
  for (let i = 0; i < rgb.length; i += 3) if (rgb[i] === level) return [(i / 3) % width, Math.floor(i / 3 / width)];
  return undefined;
}

/** True when the text is written somewhere on the picture. */
function shows({ width, height, rgb }: RgbPicture, text: string): boolean {
  const wanted = blankCanvas(text.length * 6, CHARACTER_HEIGHT, 255);
  drawText(wanted, text, 0, 0, 1);
  const fits = (left: number, top: number) => {
    for (let y = 0; y < wanted.height; y++)
      for (let x = 0; x < wanted.width; x++)
        if ((rgb[((top + y) * width + left + x) * 3] === 0) !== (wanted.rgb[(y * wanted.width + x) * 3] === 0)) return false;
    return true;
  };
  for (let top = 0; top <= height - wanted.height; top++)
    for (let left = 0; left <= width - wanted.width; left++) if (fits(left, top)) return true;
  return false;
}

const scales = { name: "-C", values: ["5", "7.5", "10"] };
const samplers = { name: "-A", values: ["ddim", "plms"] };

describe("the layout", () => {
  test("one axis: one row, its values above", async () => {
    const { picture, note } = await makeContactSheet([scales], pictures.slice(0, 3));
    const places = levels.slice(0, 3).map((level) => find(picture, level)!);
    expect(new Set(places.map(([, y]) => y)).size).toBe(1);
    expect(places.map(([x]) => x)).toEqual(places.map(([x]) => x).toSorted((a, b) => a - b));
    for (const text of ["-C 5", "-C 7.5", "-C 10"]) expect(shows(picture, text)).toBe(true);
    expect(note).toBeUndefined();
  });

  test("two axes: the last makes the columns, the first the rows", async () => {
    const { picture } = await makeContactSheet([samplers, scales], pictures);
    const places = levels.map((level) => find(picture, level)!);
    const [xs, ys] = [places.map(([x]) => x), places.map(([, y]) => y)];
    expect([new Set(xs).size, new Set(ys).size]).toEqual([3, 2]);
    expect(xs.slice(0, 3)).toEqual(xs.slice(3));
    for (const text of ["-C 5", "-C 7.5", "-C 10", "-A ddim", "-A plms"]) expect(shows(picture, text)).toBe(true);
  });

  test("three axes: every picture has its own values under it", async () => {
    const steps = { name: "-s", values: ["1"] };
    const { picture } = await makeContactSheet([samplers, scales, steps], pictures);
    expect(new Set(levels.map((level) => find(picture, level)!.join())).size).toBe(6);
    for (const text of ["-A ddim", "-A plms", "-C 5", "-C 7.5", "-C 10", "-s 1"]) expect(shows(picture, text)).toBe(true);
  });

  test("a picture that was not made leaves its place white", async () => {
    const { picture } = await makeContactSheet([samplers, scales], [pictures[0], undefined, ...pictures.slice(2)]);
    const whole = await makeContactSheet([samplers, scales], pictures);
    const [x, y] = find(whole.picture, levels[1]!)!;
    expect(find(picture, levels[1]!)).toBeUndefined();
    expect(picture.rgb[(y * picture.width + x) * 3]).toBe(255);
    expect(find(picture, levels[2]!)).toEqual(find(whole.picture, levels[2]!));
  });

  test("a long value is cut", async () => {
    const { picture } = await makeContactSheet([{ name: "-A", values: ["k_dpmpp_2m_sde", "ddim"] }], pictures.slice(0, 2));
    expect(shows(picture, "-A k_dp...")).toBe(true);
  });
});

describe("large sheets", () => {
  test("get smaller pictures, and that is said", async () => {
    const values = Array.from({ length: 20 }, (_, i) => String(i));
    const { picture, note } = await makeContactSheet([{ name: "-C", values }], Array<RgbPicture>(20).fill(plain(512, 90)));
    expect(Math.max(picture.width, picture.height)).toBeLessThanOrEqual(8192);
    expect(picture.width).toBeGreaterThan(7500);
    expect(note).toMatch(/^the contact sheet shows 512×512 pictures at (\d+)×\1, to stay below 8192 pixels$/);
    const [x, y] = find(picture, 90)!;
    expect(Number(/at (\d+)/.exec(note!)![1])).toBeGreaterThan(380);
    expect([x, y].every((place) => place > 0)).toBe(true);
  });

  test("are refused when nothing could be seen", async () => {
    const values = Array.from({ length: 2000 }, (_, i) => String(i));
    await expect(makeContactSheet([{ name: "-C", values }], Array<RgbPicture>(2000).fill(plain(512, 90)))).rejects.toMatchObject({
      code: "image/too-large",
      message: "a contact sheet of 2000 pictures would show nothing; ask for fewer or leave out -g",
    });
  });
});
