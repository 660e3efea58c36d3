import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { gaussianBlur } from "../../../lib/images/painting/gaussian-blur.js";
import { decodePicture } from "../../../lib/images/pixels/decode-picture.js";
import { ORACLES } from "../../oracles/read-oracle.js";

const read = async (name: string) => decodePicture(readFileSync(join(ORACLES, "safety-checker", `${name}.png`)), name);

test.each([
  ["a", 32],
  ["c", 2.5],
])("%s.png with radius %d: Pillow's pixels", async (name, radius) => {
  const expected = await read(`blurred-${name}`);
  const { rgb } = await gaussianBlur(await read(name), radius);
  expect([...rgb]).toEqual([...expected.rgb]);
});

test("one colour stays one colour", async () => {
  const picture = { width: 5, height: 3, rgb: new Uint8Array(45).fill(200) };
  expect((await gaussianBlur(picture, 32)).rgb).toEqual(picture.rgb);
});
