import type { OutputTensor } from "../../onnx/exported-graph.js";
import type { Extent } from "../network-sessions.js";
import { type FaceCandidate, type FaceRules, landmarksOf, STRIDES } from "./face-candidate.js";

/*
 * RetinaFace: J. Deng et al., "RetinaFace: Single-Shot Multi-Level Face Localisation in the Wild" (2020), as the PyTorch version that facexlib
 * uses was trained. Three outputs tell of every prior box how the face's box (4), its class (2) and its landmarks (10) differ from it.
 */

/** Mean colour of the training pictures, taken off each pixel, in the order blue, green, red. */
export const RETINA_FACE_MEAN = [104, 117, 123] as const;

/** What facexlib asks of a face before it is restored. */
export const RETINA_FACE_RULES: FaceRules = { score: 0.97, overlap: 0.4 };

/** Sides of the two prior boxes at each place of a level, in pixels. */
const PRIOR_SIDES = [
  [16, 32],
  [64, 128],
  [256, 512],
] as const;

/** How strongly the differences of places and of sizes were divided in training. */
const VARIANCES = [0.1, 0.2] as const;

/** A box that every picture is compared with, in pixels. */
export interface PriorBox {
  readonly x: number;
  readonly y: number;
  readonly side: number;
}

/** The prior boxes of a picture, in the order of the outputs: level by level, row by row. */
export function* priorBoxes({ width, height }: Extent): Generator<PriorBox> {
  for (const [level, stride] of STRIDES.entries()) {
    for (let row = 0; row < Math.ceil(height / stride); row++) {
      for (let column = 0; column < Math.ceil(width / stride); column++) {
        for (const side of PRIOR_SIDES[level]!) yield { x: (column + 0.5) * stride, y: (row + 0.5) * stride, side };
      }
    }
  }
}

/** The outputs by what they hold. */
interface RetinaFaceOutputs {
  readonly boxes: OutputTensor;
  readonly classes: OutputTensor;
  readonly landmarks: OutputTensor;
}

/**
 * Reads what the network says about a picture.
 *
 * @param extent of the picture that it saw
 * @returns the candidates that may count, or a sentence about why these are not the outputs of a RetinaFace
 */
export function readRetinaFace(outputs: readonly OutputTensor[], extent: Extent): FaceCandidate[] | string {
  const withColumns = (columns: number) => outputs.filter(({ shape }) => shape.at(-1) === columns);
  const [[boxes], [classes], [landmarks]] = [withColumns(4), withColumns(2), withColumns(10)];
  if (outputs.length !== 3 || boxes === undefined || classes === undefined || landmarks === undefined) {
    return "a RetinaFace gives three outputs of 4, 2 and 10 columns";
  }
  const rows = STRIDES.reduce((sum, stride) => sum + 2 * Math.ceil(extent.width / stride) * Math.ceil(extent.height / stride), 0);
  if (boxes.data.length !== 4 * rows || classes.data.length !== 2 * rows || landmarks.data.length !== 10 * rows) {
    return `it gives ${boxes.data.length / 4} boxes for ${extent.width}×${extent.height} pixels, and a RetinaFace gives ${rows}`;
  }
  if (classes.data.some(Number.isNaN)) return "its scores are no numbers";
  return [...candidates({ boxes, classes, landmarks }, extent)];
}

function* candidates({ boxes, classes, landmarks }: RetinaFaceOutputs, extent: Extent): Generator<FaceCandidate> {
  const scoreOf = scoreReader(classes.data);
  let row = -1;
  for (const { x, y, side } of priorBoxes(extent)) {
    const score = scoreOf(++row);
    if (!(score > RETINA_FACE_RULES.score)) continue;
    const step = VARIANCES[0] * side;
    const difference = boxes.data.subarray(row * 4, row * 4 + 4);
    const [centreX, centreY] = [x + difference[0]! * step, y + difference[1]! * step];
    const width = side * Math.exp(difference[2]! * VARIANCES[1]);
    const height = side * Math.exp(difference[3]! * VARIANCES[1]);
    yield {
      score,
      box: [centreX - width / 2, centreY - height / 2, centreX + width / 2, centreY + height / 2],
      landmarks: landmarksOf(landmarks, row, (right, down) => [x + right * step, y + down * step]),
    };
  }
}

/** Some exports end before the softmax: then two classes do not sum to 1. */
function scoreReader(classes: Float32Array): (row: number) => number {
  const isShare = (row: number) => Math.abs(classes[2 * row]! + classes[2 * row + 1]! - 1) < 1e-2;
  const areShares = Array.from({ length: classes.length / 2 }, (_, row) => row).every(isShare);
  return areShares ? (row) => classes[2 * row + 1]! : (row) => 1 / (1 + Math.exp(classes[2 * row]! - classes[2 * row + 1]!));
}
