import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "@jest/globals";
import { decodePicture } from "../../lib/images/pixels/decode-picture.js";
import type { RgbPicture } from "../../lib/images/pixels/encode-png.js";
import { resizePicture } from "../../lib/images/pixels/resize.js";
import { openUpscaler } from "../../lib/models/open-upscaler.js";
import { createUpscaler } from "../../lib/networks/upscaler.js";
import { PACKAGE_ROOT } from "../../lib/package-root.js";
import { upscale } from "../../lib/pipeline/upscale.js";
import { ORACLES } from "../oracles/read-oracle.js";

/** Peak signal-to-noise ratio in dB. */
function decibels(a: RgbPicture, b: RgbPicture): number {
  const error = a.rgb.reduce((sum, value, i) => sum + (value - b.rgb[i]!) ** 2, 0) / a.rgb.length;
  return 10 * Math.log10(255 ** 2 / error);
}

test.each([2, 4])("the shipped upscaler restores drawings made smaller by %i at least 1 dB better than Lanczos", async (factor) => {
  const files = await openUpscaler(path.join(PACKAGE_ROOT, "configs", "models", "crisp", "crisp-x2.safetensors"));
  if ("graph" in files) throw new Error("not a graph");
  const upscaler = createUpscaler(files.config, files.weights, 1);
  const whole = await decodePicture(readFileSync(path.join(ORACLES, "upscalers", "drawings.png")), "drawings.png");
  const { width, height } = whole;
  const small = await resizePicture(whole, { width: width / factor, height: height / factor }, "bicubic");
  const ours = await upscale(upscaler, small, whole, { tile: 400, onPiece: () => {}, signal: new AbortController().signal });
  const lanczos = await resizePicture(small, whole, "lanczos");
  expect(decibels(whole, ours)).toBeGreaterThan(decibels(whole, lanczos) + 1);
  await upscaler.release();
});
