import { expect, test } from "@jest/globals";
import { drawLatents, encodePicture } from "../../lib/pipeline/encode-picture.js";

test("levels become -1 … 1, triples become planes", async () => {
  let seen: Float32Array | undefined;
  const encoder = {
    async encode(picture: Float32Array) {
      seen = picture;
      return { mean: new Float32Array(4), logvar: new Float32Array(4) };
    },
    release: async () => {},
  };
  await encodePicture(encoder, Uint8Array.of(0, 51, 255, 255, 204, 0), { width: 2, height: 1 });
  expect(seen).toEqual(Float32Array.of(-1, 1, -0.6, 0.6, 1, -1));
});

test("latents are drawn from the distribution, then scaled", () => {
  const encoded = { mean: Float32Array.of(1, 2), logvar: Float32Array.of(0, 2 * Math.log(3)) };
  expect(drawLatents(encoded, Float32Array.of(-2, 0.5), 0.5)).toEqual(Float32Array.of(-0.5, 1.75));
});
