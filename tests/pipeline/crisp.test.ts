import path from "node:path";
import { expect, test } from "@jest/globals";
import type { GeneratedImage } from "../../lib/engine/protocol.js";
import { resizePicture } from "../../lib/images/resize.js";
import { openUpscaler } from "../../lib/models/open-upscaler.js";
import { createUpscaler } from "../../lib/networks/upscaler.js";
import { PACKAGE_ROOT } from "../../lib/package-root.js";
import { upscale } from "../../lib/pipeline/upscale.js";

const SIDE = 128;

/** A flat drawing with antialiased edges that no training picture has: a tilted square in a ring. */
function drawing(): GeneratedImage {
  const rgb = new Uint8Array(SIDE * SIDE * 3);
  const cover = (distance: number) => Math.min(1, Math.max(0, 0.5 - distance));
  for (let i = 0; i < SIDE * SIDE; i++) {
    const [x, y] = [(i % SIDE) - 60.3, Math.floor(i / SIDE) - 66.8];
    const ring = cover(Math.abs(Math.hypot(x, y) - 45) - 6);
    const square = cover(Math.max(Math.abs(x * 0.9 + y * 0.436), Math.abs(y * 0.9 - x * 0.436)) - 20);
    const mix = (back: number, one: number, two: number) => (back * (1 - ring) + one * ring) * (1 - square) + two * square;
    rgb.set([mix(240, 40, 210), mix(220, 90, 40), mix(90, 200, 60)].map(Math.round), i * 3);
  }
  return { width: SIDE, height: SIDE, rgb };
}

/** Peak signal-to-noise ratio in dB. */
function decibels(a: GeneratedImage, b: GeneratedImage): number {
  const error = a.rgb.reduce((sum, value, i) => sum + (value - b.rgb[i]!) ** 2, 0) / a.rgb.length;
  return 10 * Math.log10(255 ** 2 / error);
}

test.each([2, 4])("the shipped upscaler restores a drawing made smaller by %i at least 1 dB better than Lanczos", async (factor) => {
  const files = await openUpscaler(path.join(PACKAGE_ROOT, "configs", "models", "crisp", "crisp-x2.safetensors"));
  if ("graph" in files) throw new Error("not a graph");
  const upscaler = createUpscaler(files.config, files.weights, 1);
  const whole = drawing();
  const small = await resizePicture(whole, { width: SIDE / factor, height: SIDE / factor }, "bicubic");
  const ours = await upscale(upscaler, small, whole, { tile: 400, onPiece: () => {}, signal: new AbortController().signal });
  const lanczos = await resizePicture(small, whole, "lanczos");
  expect(decibels(whole, ours)).toBeGreaterThan(decibels(whole, lanczos) + 1);
  await upscaler.release();
});
