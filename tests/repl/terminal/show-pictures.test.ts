import { expect, test } from "@jest/globals";
import { encodePng } from "../../../lib/images/pixels/encode-png.js";
import type { LaunchValues } from "../../../lib/options/table.js";
import { pictureShower, previewDrawer } from "../../../lib/repl/terminal/show-pictures.js";

const png = await encodePng({ width: 8, height: 8, rgb: new Uint8Array(192).fill(128) }, []);
const KITTY = "\x1b_Ga=T";
const ITERM = "\x1b]1337;File=";
const SIXEL = "\x1bP";
const BLOCKS = "▀";
const window = { columns: 80, rows: 24 };

test.each<[LaunchValues["preview"], string, boolean, string | undefined]>([
  [undefined, "xterm-kitty", false, KITTY],
  [undefined, "foot", false, SIXEL],
  [undefined, "xterm-256color", false, undefined],
  [undefined, "xterm-256color", true, BLOCKS],
  ["auto", "xterm-kitty", false, KITTY],
  ["auto", "xterm-256color", false, BLOCKS],
  ["off", "xterm-kitty", false, undefined],
  ["off", "xterm-kitty", true, KITTY],
  ["blocks", "xterm-kitty", false, BLOCKS],
  ["iterm", "xterm-256color", false, ITERM],
  ["sixel", "xterm-256color", false, SIXEL],
])("--preview %s in %s, asked for: %s", async (mode, term, asked, sign) => {
  const show = pictureShower(mode, { TERM: term }, "", true);
  const text = await show({ path: "x.png", png, ...(asked ? { asked } : {}) }, window);
  if (sign === undefined) expect(text).toBeUndefined();
  else expect(text).toContain(sign);
});

test.each<[LaunchValues["preview"], string, boolean]>([
  [undefined, "xterm-kitty", true],
  [undefined, "foot", true],
  [undefined, "xterm-256color", false],
  ["auto", "xterm-256color", true],
  ["blocks", "xterm-256color", true],
  ["off", "xterm-kitty", false],
])("--preview %s in %s, while one is drawn: half blocks %s", async (mode, term, shown) => {
  const draw = previewDrawer(mode, { TERM: term }, "", true);
  const text = await draw?.({ width: 8, height: 8, rgb: new Uint8Array(192).fill(128) }, { columns: 4, rows: 12 });
  expect(text?.match(/▀/g)?.length).toBe(shown ? 8 : undefined);
});

test("a terminal that answers is believed", async () => {
  const show = pictureShower(undefined, { TERM: "xterm-256color" }, "\x1b[?62;4c", true);
  expect(await show({ path: "x.png", png }, window)).toContain(SIXEL);
});

test("what is no picture is told by its name", async () => {
  const show = pictureShower("blocks", { TERM: "xterm" }, "", true);
  await expect(show({ path: "x.png", png: new Uint8Array(9) }, window)).rejects.toThrow("x.png");
});
