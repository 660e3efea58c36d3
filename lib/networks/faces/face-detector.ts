import { DreamError } from "../../errors.js";
import type { RgbPicture } from "../../images/pixels/encode-png.js";
import { resizePicture, sizeInside } from "../../images/pixels/resize.js";
import { ExportedGraph, type PortDescription } from "../../onnx/exported-graph.js";
import type { Extent } from "../network-sessions.js";
import { describePorts, isFixedSide, isPicturePort } from "../picture-port.js";
import { chooseFaces } from "./choose-faces.js";
import { exportedFile } from "./exported-file.js";
import type { FaceCandidate } from "./face-candidate.js";
import { RETINA_FACE_MEAN, RETINA_FACE_RULES, readRetinaFace } from "./retina-face.js";
import { isYunet, readYunet, YUNET_RULES } from "./yunet.js";

/** Longest side, in pixels, of what a graph of free size is shown; larger pictures are made smaller for it. */
const LONGEST_SIDE = 1280;
/** Sides that every level of these detectors divides evenly. */
const STEP = 32;

/** A network that finds faces. */
export interface FaceDetector {
  /**
   * @returns the faces in pixels of the picture, the most certain first
   * @throws DreamError face/unsupported when the network's answer cannot be read
   */
  detect(picture: RgbPicture): Promise<FaceCandidate[]>;
  release(): Promise<void>;
}

/**
 * A detector that somebody exported: a RetinaFace (picture minus its mean colour, outputs of 4, 2 and 10 columns) or a YuNet (outputs called
 * `cls_8` and so on). The picture goes in as (1, 3, H, W), blue first, of a free or a fixed size.
 *
 * @param path an .onnx file, or a folder with `model.onnx`
 * @throws DreamError face/unsupported, model/*
 */
export async function openFaceDetector(path: string, threads: number): Promise<FaceDetector> {
  const graph = await ExportedGraph.open(exportedFile(path), { threads, releaseScratch: true });
  try {
    const [input] = graph.inputs;
    const isFamiliar = isYunet(graph.outputs) || graph.outputs.length === 3;
    if (input === undefined || graph.inputs.length > 1 || !isPicturePort(input) || !isFamiliar) {
      throw unsupported(path, `it takes ${describePorts(graph.inputs)} and gives ${describePorts(graph.outputs)}`);
    }
    const fixed = fixedSize(input, path);
    const form = isYunet(graph.outputs)
      ? { mean: [0, 0, 0] as const, rules: YUNET_RULES, read: readYunet }
      : { mean: RETINA_FACE_MEAN, rules: RETINA_FACE_RULES, read: readRetinaFace };
    return {
      detect: async (picture) => {
        const view = viewOf(picture, fixed);
        const data = await planesOf(picture, view, form.mean);
        const outputs = await graph.runAll({ [input.name]: { data, shape: [1, 3, view.seen.height, view.seen.width] } });
        const read = form.read(outputs, view.seen);
        if (typeof read === "string") throw unsupported(path, read);
        const faces = chooseFaces(read, form.rules);
        return faces.map((face) => enlarged(face, picture.width / view.shown.width, picture.height / view.shown.height));
      },
      release: () => graph.release(),
    };
  } catch (failure) {
    await graph.release();
    throw failure;
  }
}

/** How a picture is shown to the network: made smaller or larger, in the upper left corner of what it sees. */
interface View {
  readonly shown: Extent;
  readonly seen: Extent;
}

function viewOf(picture: Extent, fixed: Extent | undefined): View {
  if (fixed !== undefined) {
    const factor = Math.min(fixed.width / picture.width, fixed.height / picture.height);
    const pixels = (side: number) => Math.max(1, Math.round(side * factor));
    return { shown: { width: pixels(picture.width), height: pixels(picture.height) }, seen: fixed };
  }
  const shown = sizeInside(picture, { width: LONGEST_SIDE, height: LONGEST_SIDE });
  const whole = (side: number) => Math.ceil(side / STEP) * STEP;
  return { shown, seen: { width: whole(shown.width), height: whole(shown.height) } };
}

/** (3, H, W), blue first, less the mean colour; beside the picture there is that colour, which is nothing. */
async function planesOf(picture: RgbPicture, { shown, seen }: View, mean: readonly number[]): Promise<Float32Array> {
  const { width, height, rgb } = await resizePicture(picture, shown, "bicubic");
  const area = seen.width * seen.height;
  const planes = new Float32Array(3 * area);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = (y * width + x) * 3;
      const to = y * seen.width + x;
      for (let plane = 0; plane < 3; plane++) planes[plane * area + to] = rgb[from + 2 - plane]! - mean[plane]!;
    }
  }
  return planes;
}

function enlarged({ score, box, landmarks }: FaceCandidate, across: number, along: number): FaceCandidate {
  const point = ([x, y]: readonly [number, number]) => [x * across, y * along] as const;
  const [left, top, right, bottom] = box;
  const [leftEye, rightEye, nose, leftCorner, rightCorner] = landmarks;
  return {
    score,
    box: [left * across, top * along, right * across, bottom * along],
    landmarks: [point(leftEye), point(rightEye), point(nose), point(leftCorner), point(rightCorner)],
  };
}

/** @throws DreamError face/unsupported for sizes that no detector of these has */
function fixedSize({ shape }: PortDescription, path: string): Extent | undefined {
  const [, , height, width] = shape;
  if (!isFixedSide(height) && !isFixedSide(width)) return undefined;
  const isUsable = (side: number | string | undefined): side is number => isFixedSide(side) && side % STEP === 0 && side <= LONGEST_SIDE;
  if (isUsable(height) && isUsable(width)) return { height, width };
  throw unsupported(
    path,
    `it takes pictures of ${width}×${height} pixels: both sides must be free, or multiples of ${STEP} up to ${LONGEST_SIDE}`,
  );
}

function unsupported(path: string, why: string): DreamError {
  return new DreamError("face/unsupported", `${path} is no face detector that is known: ${why}`);
}
