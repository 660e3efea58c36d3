import { readFileSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { alignFace } from "../../lib/images/faces/align-face.js";
import { cutFace } from "../../lib/images/faces/sample-picture.js";
import { decodePicture } from "../../lib/images/pixels/decode-picture.js";
import type { RgbPicture } from "../../lib/images/pixels/encode-png.js";
import { openFaceDetector } from "../../lib/networks/faces/face-detector.js";
import { PACKAGE_ROOT } from "../../lib/package-root.js";
import { FaceSession } from "../../lib/pipeline/face-session.js";

/**
 * Makes docs/images/faces.png: drawn faces, their upright squares, and what -G makes of them with the networks of the tests, which find coloured
 * landmarks and make a face brighter: `npm run docs:faces`.
 */
const FACES = join(PACKAGE_ROOT, "tests", "oracles", "faces");
const GAP = 4;
const detectorFile = join(FACES, "yunet.onnx");
const restorerFile = join(FACES, "gfpgan.onnx");

const picture = await decodePicture(readFileSync(join(FACES, "faces.png")), "faces.png");
const detector = await openFaceDetector(detectorFile, 1);
const found = await detector.detect(picture);
await detector.release();
const side = Math.floor((picture.height - (found.length - 1) * GAP) / found.length);
const squares = found.map(({ landmarks }) => {
  const alignment = alignFace(landmarks, side);
  if (alignment === undefined) throw new Error("a face without landmarks");
  return cutFace(picture, alignment, side);
});
const session = new FaceSession();
const { image } = await session.restore(
  { detector: detectorFile, restorer: restorerFile, picture, strength: 1, threads: 1 },
  { signal: new AbortController().signal, notice: () => {}, step: () => {} },
);
await session.release();

const png = ({ width, height, rgb }: RgbPicture) =>
  sharp(rgb, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
const right = picture.width + GAP + side + GAP;
const columns = await Promise.all(
  squares.map(async (square, i) => ({ input: await png(square), left: picture.width + GAP, top: i * (side + GAP) })),
);
await sharp({ create: { width: right + picture.width, height: picture.height, channels: 3, background: "white" } })
  .composite([{ input: await png(picture), left: 0, top: 0 }, ...columns, { input: await png(image), left: right, top: 0 }])
  .png({ compressionLevel: 9, palette: true })
  .toFile(join(PACKAGE_ROOT, "docs", "images", "faces.png"));
