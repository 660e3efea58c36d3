import { setImmediate as eventLoopTurn } from "node:timers/promises";
import type { RestoredFaces } from "../engine/protocol.js";
import { alignFace, type Landmarks, type Similarity } from "../images/faces/align-face.js";
import { pasteFace } from "../images/faces/paste-face.js";
import { cutFace } from "../images/faces/sample-picture.js";
import type { RgbPicture } from "../images/pixels/encode-png.js";
import type { FaceDetector } from "../networks/faces/face-detector.js";
import type { FaceRestorer } from "../networks/faces/face-restorer.js";

/** Pixels between the eyes below which a face is left as it is: facexlib's threshold in GFPGAN. */
const LEAST_EYE_DISTANCE = 5;
/** Faces that are restored in one picture, at most: the most certain ones. */
const MOST_FACES = 64;

export interface RestoreOptions {
  /** Opens the restorer, once there is a face for it. */
  readonly restorer: () => Promise<FaceRestorer>;
  /** CodeFormer's w, 0 … 1. */
  readonly fidelity: number;
  /** Share of the restored picture in the result, 0 … 1. */
  readonly strength: number;
  /** Told after finding the faces and after each of them; `step` counts from 1. */
  readonly onStep: (step: number, steps: number) => void;
  readonly signal: AbortSignal;
}

/**
 * Finds the faces of a picture, turns each upright, restores it and puts it back with a soft edge. Where no face is, the picture stays bit for
 * bit.
 *
 * @throws DreamError face/unsupported; whatever `signal` was aborted with, seen between two networks and while pasting
 */
export async function restoreFaces(detector: FaceDetector, picture: RgbPicture, options: RestoreOptions): Promise<RestoredFaces> {
  const { fidelity, strength, onStep, signal } = options;
  const between = async (step: number, steps: number) => {
    onStep(step, steps);
    await eventLoopTurn();
    signal.throwIfAborted();
  };
  const found = await detector.detect(picture);
  const distinct = found.filter(({ landmarks }) => eyeDistance(landmarks) >= LEAST_EYE_DISTANCE);
  const faces = distinct.slice(0, MOST_FACES);
  await between(1, 1 + faces.length);
  const left = { tooSmall: found.length - distinct.length, tooMany: distinct.length - faces.length };
  if (faces.length === 0) return { image: picture, restored: 0, ...left };
  const restorer = await options.restorer();
  const { width, height } = picture;
  const mended = { width, height, rgb: picture.rgb.slice() };
  let restored = 0;
  for (const [i, { landmarks }] of faces.entries()) {
    const alignment = alignFace(landmarks, restorer.side);
    if (alignment !== undefined) {
      await restoreOne(restorer, { picture, mended, alignment, fidelity }, signal);
      restored++;
    }
    await between(2 + i, 1 + faces.length);
  }
  mixInto(mended.rgb, picture.rgb, strength);
  return { image: mended, restored, ...left };
}

interface Place {
  /** As it came: every face is taken from here. */
  readonly picture: RgbPicture;
  /** Where it is put back. */
  readonly mended: RgbPicture;
  readonly alignment: Similarity;
  readonly fidelity: number;
}

async function restoreOne(restorer: FaceRestorer, { picture, mended, alignment, fidelity }: Place, signal: AbortSignal): Promise<void> {
  const face = await restorer.restore(cutFace(picture, alignment, restorer.side), fidelity);
  await pasteFace(mended, face, alignment, () => signal.throwIfAborted());
}

function eyeDistance([leftEye, rightEye]: Landmarks): number {
  return Math.hypot(leftEye[0] - rightEye[0], leftEye[1] - rightEye[1]);
}

/** In place: (1 − strength)·original + strength·restored, as `Image.blend` of Pillow. */
function mixInto(restored: Uint8Array, original: Uint8Array, strength: number): void {
  if (strength === 1) return;
  for (let i = 0; i < restored.length; i++) restored[i] = Math.round(original[i]! + (restored[i]! - original[i]!) * strength);
}
