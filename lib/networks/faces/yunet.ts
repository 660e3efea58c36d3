import type { OutputTensor } from "../../onnx/exported-graph.js";
import type { Extent } from "../network-sessions.js";
import { type FaceCandidate, type FaceRules, landmarksOf, STRIDES } from "./face-candidate.js";

/*
 * YuNet: W. Wu, H. Peng and S. Yu, "YuNet: A Tiny Millisecond-level Face Detector" (2023), as `face_detection_yunet_2023mar.onnx` was exported
 * for OpenCV: four outputs for each of three levels, one row for each square of the picture.
 */

/** OpenCV's own (`FaceDetectorYN`). */
export const YUNET_RULES: FaceRules = { score: 0.9, overlap: 0.3 };

/** Whether outputs are called as those of a YuNet are. */
export function isYunet(outputs: readonly { readonly name: string }[]): boolean {
  return STRIDES.every((stride) => ["cls", "obj", "bbox", "kps"].every((kind) => outputs.some(({ name }) => name === `${kind}_${stride}`)));
}

/**
 * Reads what the network says about a picture.
 *
 * @param extent of the picture that it saw, multiples of 32
 * @returns the candidates that may count, or a sentence about why these are not the outputs of a YuNet
 */
export function readYunet(outputs: readonly OutputTensor[], extent: Extent): FaceCandidate[] | string {
  const found: FaceCandidate[] = [];
  for (const stride of STRIDES) {
    const named = (kind: string) => outputs.find(({ name }) => name === `${kind}_${stride}`)!;
    const [classes, objects, boxes, landmarks] = [named("cls"), named("obj"), named("bbox"), named("kps")];
    const columns = Math.floor(extent.width / stride);
    const rows = columns * Math.floor(extent.height / stride);
    const isWhole = [classes, objects, boxes, landmarks].every(({ data }, i) => data.length === rows * [1, 1, 4, 10][i]!);
    if (!isWhole) return `its outputs for squares of ${stride} pixels do not fit to ${extent.width}×${extent.height} pixels`;
    if (classes.data.some(Number.isNaN) || objects.data.some(Number.isNaN)) return "its scores are no numbers";
    for (let row = 0; row < rows; row++) {
      const score = Math.sqrt(share(classes.data[row]!) * share(objects.data[row]!));
      if (!(score > YUNET_RULES.score)) continue;
      const [column, line] = [row % columns, Math.floor(row / columns)];
      const [right, down, wide, high] = boxes.data.subarray(row * 4, row * 4 + 4) as unknown as [number, number, number, number];
      const [x, y] = [(column + right) * stride, (line + down) * stride];
      const [width, height] = [Math.exp(wide) * stride, Math.exp(high) * stride];
      found.push({
        score,
        box: [x - width / 2, y - height / 2, x + width / 2, y + height / 2],
        landmarks: landmarksOf(landmarks, row, (across, along) => [(column + across) * stride, (line + along) * stride]),
      });
    }
  }
  return found;
}

function share(value: number): number {
  return Math.min(1, Math.max(0, value));
}
