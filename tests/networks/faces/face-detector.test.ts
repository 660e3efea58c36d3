import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Landmarks } from "../../../lib/images/faces/align-face.js";
import { type FaceDetector, openFaceDetector } from "../../../lib/networks/faces/face-detector.js";
import { FACES, facePicture, faceRows } from "../../oracles/read-faces.js";
import { ORACLES } from "../../oracles/read-oracle.js";
import { drawFaces } from "../../support/drawn-faces.js";

let retinaFace: FaceDetector;
let yunet: FaceDetector;
beforeAll(async () => {
  retinaFace = await openFaceDetector(path.join(FACES, "retinaface.onnx"), 1);
  yunet = await openFaceDetector(path.join(FACES, "yunet.onnx"), 1);
});
afterAll(async () => {
  await retinaFace.release();
  await yunet.release();
});

/** The largest distance between the points of two faces, in pixels. */
function distance(one: Landmarks, other: Landmarks): number {
  return Math.max(...one.map(([x, y], i) => Math.hypot(x - other[i]![0], y - other[i]![1])));
}

test("a YuNet finds what OpenCV's procedure finds", async () => {
  const expected = faceRows("yunet", 15);
  const found = await yunet.detect(await facePicture("faces.png"));
  const got = found.map(({ score, box, landmarks }) => [...box, score, ...landmarks.flat()]);
  expect(got).toHaveLength(3);
  for (const row of expected) {
    const nearest = got.find((face) => Math.abs(face[9]! - row[9]!) < 1 && Math.abs(face[10]! - row[10]!) < 1) ?? [];
    for (const [i, value] of row.entries()) expect(Math.abs(nearest[i]! - value)).toBeLessThan(0.02);
  }
});

describe("a RetinaFace of free size finds drawn faces", () => {
  test.each([
    ["upright", [{ nose: [80, 80], eyes: 24 }]],
    [
      "turned, several",
      [
        { nose: [50, 60], eyes: 20, angle: 0.6 },
        { nose: [160, 70], eyes: 26, angle: -0.9 },
      ],
    ],
    ["at the border", [{ nose: [20, 24], eyes: 22 }]],
  ] as const)("%s", async (_name, faces) => {
    const { picture, landmarks } = drawFaces(210, 130, faces);
    const found = await retinaFace.detect(picture);
    expect(found).toHaveLength(faces.length);
    for (const face of landmarks) expect(Math.min(...found.map((one) => distance(one.landmarks, face)))).toBeLessThan(1.5);
  });
});

test("a picture larger than a detector looks at is made smaller for it", async () => {
  const { picture, landmarks } = drawFaces(1400, 200, [{ nose: [700, 100], eyes: 30 }]);
  const [face] = await retinaFace.detect(picture);
  expect(distance(face!.landmarks, landmarks[0]!)).toBeLessThan(2);
});

test("a picture smaller than a detector of fixed size is made larger for it", async () => {
  const { picture, landmarks } = drawFaces(160, 120, [{ nose: [90, 60], eyes: 18, angle: 0.2 }]);
  const [face, ...others] = await yunet.detect(picture);
  expect(others).toEqual([]);
  expect(distance(face!.landmarks, landmarks[0]!)).toBeLessThan(1.5);
});

test("where no face is, none is found", async () => {
  expect(await retinaFace.detect(drawFaces(64, 48, []).picture)).toEqual([]);
  expect(await yunet.detect(drawFaces(64, 48, []).picture)).toEqual([]);
});

describe("what is no detector", () => {
  test.each([
    [
      "an upscaler",
      path.join(ORACLES, "upscalers", "compact-x2.onnx"),
      "is no face detector that is known: it takes input [1, 3, height, width]",
    ],
    ["a restorer", path.join(FACES, "codeformer.onnx"), "is no face detector that is known: it takes x [1, 3, 512, 512], w []"],
  ])("%s", async (_name, file, sentence) => {
    await expect(openFaceDetector(file, 1)).rejects.toMatchObject({ code: "face/unsupported", message: expect.stringContaining(sentence) });
  });
});
