import path from "node:path";
import { describe, expect, test } from "@jest/globals";
import type { GeneratedImage } from "../../lib/engine/protocol.js";
import { openUpscaler } from "../../lib/models/open-upscaler.js";
import { createUpscaler, openExportedUpscaler, type Upscaler } from "../../lib/networks/upscaler.js";
import { upscale } from "../../lib/pipeline/upscale.js";
import { ORACLES } from "../oracles/read-oracle.js";
import { writeRandomRrdb } from "../support/random-rrdb.js";
import { temporaryFolder } from "../support/temporary-folder.js";

const folder = await temporaryFolder();
const running = new AbortController().signal;
const quiet = { onPiece: () => {}, signal: running };

async function load(name: string): Promise<Upscaler> {
  const files = await openUpscaler(path.join(ORACLES, "upscalers", name));
  return "graph" in files ? openExportedUpscaler(files.graph, 1) : createUpscaler(files.config, files.weights, 1);
}

/** Discs and stripes with a little noise: edges in all directions. */
function picture(width: number, height: number): GeneratedImage {
  const rgb = Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
    const inside = Math.hypot(x - width / 3, y - height / 2) < height / 3;
    return (inside ? 200 : 60) + ((x + 2 * y + 5 * (i % 3)) % 23) + ((i * 7919) % 13);
  });
  return { width, height, rgb };
}

function largestDifference(a: GeneratedImage, b: GeneratedImage): number {
  return a.rgb.reduce((largest, value, i) => Math.max(largest, Math.abs(value - b.rgb[i]!)), 0);
}

/** Values of an untrained network: a tenth around its level becomes the range of a picture. */
function spread(planes: Float32Array): Float32Array {
  return planes.map((value) => 0.5 + 4 * value);
}

/** The same network, which must enlarge the picture at once. */
function unlimited(upscaler: Upscaler): Upscaler {
  return { ...upscaler, bytesPerPixel: 1 };
}

describe("pieces", () => {
  // A piece sees 32 pixels around its own: the small pictures are cut along one side, the larger ones along both.
  test.each([
    ["rrdb-x4.safetensors", 4, 110, 20, 16],
    ["rrdb-x2.safetensors", 2, 110, 100, 32],
    ["compact-x4.safetensors", 4, 110, 100, 32],
    ["compact-x2.safetensors", 2, 141, 100, 32],
    ["compact-x2.onnx", 2, 141, 100, 32],
  ])("of %s leave no seams", async (file, factor, width, height, tile) => {
    const upscaler = await load(file);
    const source = picture(width, height);
    const size = { width: width * factor, height: height * factor };
    let pieces = 0;
    const inPieces = await upscale(upscaler, source, size, { ...quiet, tile, onPiece: (_, all) => (pieces = all) });
    const atOnce = await upscale(unlimited(upscaler), source, size, { ...quiet, tile: 0 });
    expect(pieces).toBeGreaterThanOrEqual(height > 64 + tile ? 4 : 2);
    expect(largestDifference(inPieces, atOnce)).toBeLessThanOrEqual(1);
    await upscaler.release();
  });

  test("of a network that reaches much further than a piece shows leave no seams", async () => {
    const config = { kind: "rrdb", features: 6, growth: 3, blocks: 12, unshuffle: 1, doublings: 2 } as const;
    const upscaler = createUpscaler(config, await writeRandomRrdb(folder, config), 1);
    // The weights are random, and so is the level of what comes out: brought into the middle of what bytes can say, nothing is cut off.
    const levelled = { ...upscaler, enlarge: async (...of: Parameters<Upscaler["enlarge"]>) => spread(await upscaler.enlarge(...of)) };
    const source = picture(120, 20);
    const size = { width: 120 * 4, height: 20 * 4 };
    const inPieces = await upscale(levelled, source, size, { ...quiet, tile: 16 });
    const atOnce = await upscale(unlimited(levelled), source, size, { ...quiet, tile: 0 });
    expect(Math.max(...inPieces.rgb.subarray(0, 3000)) - Math.min(...inPieces.rgb.subarray(0, 3000))).toBeGreaterThan(40);
    expect(largestDifference(inPieces, atOnce)).toBeLessThanOrEqual(1);
    await upscaler.release();
  });

  test.each([
    [40, 30],
    [150, 100],
  ])("of a fixed size serve a picture of %i×%i", async (width, height) => {
    const [fixed, free] = [await load("compact-x2-fixed.onnx"), await load("compact-x2.safetensors")];
    const size = { width: 2 * width, height: 2 * height };
    const source = picture(width, height);
    const got = await upscale(fixed, source, size, { ...quiet, tile: 0 });
    const expected = await upscale(free, source, size, { ...quiet, tile: 0 });
    // At the picture's own right and lower edge a smaller picture is continued where the other sees nothing.
    const inner = (image: GeneratedImage) => {
      const rows = image.rgb.filter((_, i) => {
        const [x, y] = [Math.floor(i / 3) % size.width, Math.floor(i / 3 / size.width)];
        return x < size.width - 16 && y < size.height - 16;
      });
      return { ...image, rgb: rows };
    };
    expect([got.width, got.height]).toEqual([size.width, size.height]);
    expect(largestDifference(inner(got), inner(expected))).toBeLessThanOrEqual(1);
    await Promise.all([fixed.release(), free.release()]);
  });
});

describe("sizes", () => {
  test.each([
    ["compact-x2.safetensors", 2, 1],
    ["compact-x2.safetensors", 3, 2],
    ["compact-x2.safetensors", 4, 2],
    ["compact-x4.safetensors", 2, 1],
    ["compact-x4.safetensors", 5, 2],
  ])("%s for factor %i is applied so often: %i", async (file, factor, passes) => {
    const upscaler = await load(file);
    const told: number[][] = [];
    const size = { width: 17 * factor, height: 11 * factor };
    const got = await upscale(upscaler, picture(17, 11), size, { tile: 400, onPiece: (...piece) => told.push(piece), signal: running });
    expect([got.width, got.height, got.rgb.length]).toEqual([size.width, size.height, size.width * size.height * 3]);
    expect(told).toEqual(Array.from({ length: passes }, (_, i) => [i + 1, passes]));
    await upscaler.release();
  });

  test("an odd picture fits a network that takes squares of pixels", async () => {
    const upscaler = await load("rrdb-x2.safetensors");
    const got = await upscale(upscaler, picture(7, 5), { width: 14, height: 10 }, { ...quiet, tile: 400 });
    expect(got.rgb.length).toBe(14 * 10 * 3);
    await upscaler.release();
  });
});

test("a cancelled picture stops between two pieces", async () => {
  const upscaler = await load("compact-x2.safetensors");
  const abort = new AbortController();
  const told: number[] = [];
  const onPiece = (piece: number) => {
    told.push(piece);
    if (piece === 2) abort.abort(new Error("stopped"));
  };
  const working = upscale(upscaler, picture(141, 90), { width: 282, height: 180 }, { tile: 32, onPiece, signal: abort.signal });
  await expect(working).rejects.toThrow("stopped");
  expect(told).toEqual([1, 2]);
  await upscaler.release();
});
