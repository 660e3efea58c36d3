import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { resizePicture, sizeInside } from "../../../lib/images/pixels/resize.js";
import { PACKAGE_ROOT } from "../../../lib/package-root.js";

interface Case {
  readonly filter: "bicubic" | "lanczos";
  readonly from: readonly [number, number];
  readonly rgb: readonly number[];
  readonly to: readonly [number, number];
  readonly resized: readonly number[];
}

const { cases } = JSON.parse(readFileSync(join(PACKAGE_ROOT, "tests", "oracles", "resize", "cases.json"), "utf8")) as {
  readonly cases: readonly Case[];
};

test.each(cases)("$filter from $from to $to: Pillow's pixels", async ({ filter, from, rgb, to, resized }) => {
  const picture = { width: from[0], height: from[1], rgb: Uint8Array.from(rgb) };
  const made = await resizePicture(picture, { width: to[0], height: to[1] }, filter);
  expect([made.width, made.height]).toEqual(to);
  expect([...made.rgb]).toEqual(resized);
});

test("the program stays awake while a large picture is resized", async () => {
  let turns = 0;
  const timer = setInterval(() => turns++, 5);
  const started = Date.now();
  await resizePicture({ width: 512, height: 512, rgb: new Uint8Array(512 * 512 * 3) }, { width: 3000, height: 3000 }, "lanczos");
  clearInterval(timer);
  expect(turns).toBeGreaterThan(0);
  expect(Date.now() - started).toBeLessThan(30_000);
});

test.each([
  [100, 50, 10, 10, 10, 5],
  [50, 100, 10, 10, 5, 10],
  [8, 4, 10, 10, 8, 4],
  [1000, 1, 10, 10, 10, 1],
])("%i×%i inside %i×%i: %i×%i", (width, height, boxWidth, boxHeight, insideWidth, insideHeight) => {
  const inside = { width: insideWidth, height: insideHeight };
  expect(sizeInside({ width, height }, { width: boxWidth, height: boxHeight })).toEqual(inside);
});
