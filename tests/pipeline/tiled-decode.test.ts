import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { VaeDecoder } from "../../lib/networks/network-sessions.js";
import { tileSpans } from "../../lib/networks/spans.js";
import { decodeTiled } from "../../lib/pipeline/tiled-decode.js";

/** Repeats the first three channels twice in each direction: what a decoder that sees only its own pixel would do. */
const nearest: VaeDecoder = {
  async decode(latents, { height, width }) {
    const area = height * width;
    return Float32Array.from({ length: 3 * 4 * area }, (_, i) => {
      const channel = Math.floor(i / (4 * area));
      const y = Math.floor((i % (4 * area)) / (2 * width));
      return latents[channel * area + Math.floor(y / 2) * width + Math.floor((i % (2 * width)) / 2)] as number;
    });
  },
  async prepare() {},
  async release() {},
};

describe("spans", () => {
  test("cover the side without gaps, all of one length, sharing at least the overlap", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 300 }),
        fc.integer({ min: 8, max: 64 }),
        fc.integer({ min: 0, max: 7 }),
        (length, tile, overlap) => {
          const spans = tileSpans(length, { tile, overlap });
          expect(spans[0]!.start).toBe(0);
          expect(spans.at(-1)!.start + spans.at(-1)!.length).toBe(length);
          spans.forEach((span, index) => {
            expect(span.length).toBe(Math.min(tile, length));
            if (index > 0) expect(span.before).toBeGreaterThanOrEqual(overlap);
            if (index > 0) expect(span.before).toBe(spans[index - 1]!.behind);
          });
        },
      ),
    );
  });
});

test("tiles of a decoder without a surrounding come together exactly", async () => {
  const extent = { height: 21, width: 37 };
  const latents = Float32Array.from({ length: 4 * 21 * 37 }, (_, i) => Math.sin(i));
  const whole = await nearest.decode(latents, extent);
  let pauses = 0;
  const tiled = await decodeTiled(nearest, latents, extent, { tile: 16, overlap: 5 }, 2, async () => {
    pauses++;
  });
  expect(tiled).toHaveLength(whole.length);
  expect(Math.max(...tiled.map((value, i) => Math.abs(value - whole[i]!)))).toBeLessThan(1e-6);
  expect(pauses).toBe(2 * 3 - 1);
});

test("what is thrown between two tiles ends the decoding", async () => {
  const stop = async () => {
    throw new Error("cancelled");
  };
  await expect(
    decodeTiled(nearest, new Float32Array(4 * 32 * 32), { height: 32, width: 32 }, { tile: 16, overlap: 4 }, 2, stop),
  ).rejects.toThrow("cancelled");
});
