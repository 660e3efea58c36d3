import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { fromLab, toLab } from "../../../lib/images/pixels/lab-levels.js";
import { labHistograms, matchHistograms } from "../../../lib/images/pixels/match-histograms.js";
import { ORACLES } from "../../oracles/read-oracle.js";

interface Levels {
  readonly width: number;
  readonly height: number;
  readonly rgb: readonly number[];
}

/** Written by tests/oracles/colours/make.py. */
interface ColourOracle {
  readonly lab: { readonly rgb: readonly number[]; readonly lab: readonly number[]; readonly back: readonly number[] };
  readonly cases: readonly { readonly source: Levels; readonly reference: Levels; readonly matched: readonly number[] }[];
}

const oracle = JSON.parse(readFileSync(join(ORACLES, "colours", "colours.json"), "utf8")) as ColourOracle;
const picture = ({ rgb, ...size }: Levels) => ({ ...size, rgb: Uint8Array.from(rgb) });

/** OpenCV computes with tables of whole numbers. */
function expectNear(got: ArrayLike<number>, expected: readonly number[], most: number): void {
  expect(got).toHaveLength(expected.length);
  const differences = expected.map((value, i) => Math.abs(value - got[i]!));
  expect(Math.max(...differences)).toBeLessThanOrEqual(most);
}

test("levels of Lab are OpenCV's", () => {
  const { rgb, lab } = oracle.lab;
  const got = new Uint8ClampedArray(rgb.length);
  for (let at = 0; at < rgb.length; at += 3) toLab(rgb[at]!, rgb[at + 1]!, rgb[at + 2]!, got, at);
  expectNear(got, lab, 1);
});

test("and the way back is", () => {
  const { lab, back } = oracle.lab;
  const got = new Uint8ClampedArray(lab.length);
  for (let at = 0; at < lab.length; at += 3) fromLab(lab[at]!, lab[at + 1]!, lab[at + 2]!, got, at);
  expectNear(got, back, 2);
});

test.each(oracle.cases.map((one, index) => ({ index, ...one })))(
  "case $index has the colours that scikit-image gives",
  async ({ source, reference, matched }) => {
    const wanted = await labHistograms(picture(reference));
    const { rgb, width, height } = await matchHistograms(picture(source), wanted);
    expect([width, height]).toEqual([source.width, source.height]);
    const mean = matched.reduce((sum, value, i) => sum + Math.abs(value - rgb[i]!), 0) / matched.length;
    if (process.env.DREAM_PARITY_REPORT) process.stderr.write(`colours: mean ${mean.toFixed(3)}\n`);
    // One level of Lab rounded otherwise moves all pixels of that level; in the second case few levels are spread over all.
    expect(mean).toBeLessThanOrEqual(2);
  },
);

test("a picture's own colours leave it as it is, but for the rounding of Lab", async () => {
  const own = picture(oracle.cases[0]!.source);
  const { rgb } = await matchHistograms(own, await labHistograms(own));
  const mean = own.rgb.reduce((sum, value, i) => sum + Math.abs(value - rgb[i]!), 0) / rgb.length;
  expect(mean).toBeLessThan(2);
});
