import { expect, test } from "@jest/globals";
import { decodePicture } from "../../../lib/images/pixels/decode-picture.js";
import { encodePng } from "../../../lib/images/pixels/encode-png.js";

const opaque = { width: 2, height: 1, rgb: Uint8Array.of(1, 2, 3, 250, 251, 252) };

test.each([
  ["an opaque picture", opaque],
  // Also the colours that nobody sees: inpainting goes on from them.
  ["a transparent picture", { ...opaque, alpha: Uint8Array.of(0, 128) }],
])("%s comes back as it was", async (_name, picture) => {
  expect(await decodePicture(await encodePng(picture, []), "x.png")).toEqual({ ...picture, notes: [] });
});
