import { expect, test } from "@jest/globals";
import { pasteBack } from "../../../lib/images/painting/paste-back.js";

const WIDTH = 64;
const flat = (level: number) => ({ width: WIDTH, height: 1, rgb: new Uint8Array(WIDTH * 3).fill(level) });
const keep = Uint8Array.from({ length: WIDTH }, (_, x) => (x < 32 ? 255 : 0));
const row = ({ rgb }: { readonly rgb: Uint8Array }) => [...rgb.filter((_, i) => i % 3 === 0)];

test("away from the soft edge the original stays and the painted part stays, bit for bit", () => {
  const levels = row(pasteBack(flat(50), { original: flat(201), keep, softEdge: 8 }));
  // Narrowed by 4, blurred by 8: mixed from column 28 − 8 to column 28 + 8.
  expect(levels.slice(0, 20)).toEqual(Array<number>(20).fill(201));
  expect(levels.slice(36)).toEqual(Array<number>(28).fill(50));
});

test("the edge falls from the original to the painted picture", () => {
  const levels = row(pasteBack(flat(50), { original: flat(201), keep, softEdge: 8 })).slice(20, 36);
  expect(levels).toEqual([...levels].sort((one, other) => other - one));
  expect(levels[0]).toBeLessThan(201);
  expect(levels.at(-1)).toBeGreaterThan(50);
});

test("where the original is transparent it is not pasted", () => {
  const alpha = Uint8Array.from({ length: WIDTH }, (_, x) => (x < 5 ? 0 : 255));
  const levels = row(pasteBack(flat(50), { original: flat(201), keep, alpha, softEdge: 8 }));
  expect(levels.slice(0, 6)).toEqual([50, 50, 50, 50, 50, 201]);
});

test("without a soft edge the mask alone decides", () => {
  const levels = row(pasteBack(flat(50), { original: flat(201), keep, softEdge: 0 }));
  expect(levels).toEqual(Array.from({ length: WIDTH }, (_, x) => (x < 32 ? 201 : 50)));
});
