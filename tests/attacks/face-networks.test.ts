import path from "node:path";
import { afterEach, describe, expect, test } from "@jest/globals";
import type { FaceJob } from "../../lib/engine/protocol.js";
import { FaceSession } from "../../lib/pipeline/face-session.js";
import { FACES } from "../oracles/read-faces.js";
import { drawFaces } from "../support/drawn-faces.js";

/* Networks that misbehave: `tests/oracles/faces/make-hostile.py` says how. */

const report = { signal: new AbortController().signal, notice: () => {}, step: () => {} };
const { picture } = drawFaces(128, 96, [{ nose: [60, 50], eyes: 20 }]);
const hostile = (name: string) => path.join(FACES, "hostile", `${name}.onnx`);
const job = (overrides: Partial<FaceJob>): FaceJob => ({
  detector: path.join(FACES, "retinaface.onnx"),
  restorer: hostile("small"),
  picture,
  strength: 1,
  threads: 1,
  ...overrides,
});

let session = new FaceSession();
afterEach(async () => {
  await session.release();
  session = new FaceSession();
});

test("a restorer of another size is used in its own", async () => {
  const { image, restored } = await session.restore(job({}), report);
  expect(restored).toBe(1);
  const middle = (50 * 128 + 66) * 3;
  for (const channel of [0, 1, 2])
    expect(Math.abs(image.rgb[middle + channel]! + picture.rgb[middle + channel]! - 255)).toBeLessThanOrEqual(2);
});

describe("in one sentence", () => {
  test.each([
    ["scores that are no numbers", { detector: hostile("nowhere") }, "is no face detector that is known: its scores are no numbers"],
    ["a detector with other outputs", { detector: hostile("other") }, "a RetinaFace gives three outputs of 4, 2 and 10 columns"],
    ["a restorer as a detector", { detector: hostile("small") }, "it takes input [1, 3, 64, 64] and gives output [1, 3, 64, 64]"],
    ["a face that is no numbers", { restorer: hostile("nothing") }, "what comes out of it are no numbers; its file is damaged"],
    ["a face of another size", { restorer: hostile("twice") }, "what comes out of it is no face of 64×64 pixels"],
    ["a detector as a restorer", { restorer: hostile("other") }, "is no face restorer that is known: it takes faces of 128×96 pixels"],
  ])("%s", async (_name, overrides, sentence) => {
    await expect(session.restore(job(overrides), report)).rejects.toMatchObject({
      code: "face/unsupported",
      message: expect.stringContaining(sentence),
    });
  });

  test("a picture as a detector", async () => {
    await expect(session.restore(job({ detector: path.join(FACES, "faces.png") }), report)).rejects.toMatchObject({
      code: "face/unsupported",
    });
  });
});

test("a face at every place: the best are enough", async () => {
  const { restored, tooMany, tooSmall } = await session.restore(job({ detector: hostile("everywhere") }), report);
  expect({ restored, found: restored + tooMany + tooSmall }).toEqual({ restored: 64, found: 200 });
});

test.each(["pointless", "endless"])("%s landmarks leave the picture as it is", async (name) => {
  const { image, restored } = await session.restore(job({ detector: hostile(name) }), report);
  expect(restored).toBe(0);
  expect(image.rgb).toEqual(picture.rgb);
});
