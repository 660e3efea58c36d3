import { isYunet } from "../networks/faces/yunet.js";
import { isFixedSide, isPicturePort } from "../networks/picture-port.js";
import type { PortDescription } from "../onnx/exported-graph.js";
import type { FaceTool } from "./face-tools.js";

type Port = Omit<PortDescription, "type">;

/** What an exported graph does about faces. */
export type FaceNetwork = { readonly kind: "face_detector" } | { readonly kind: "face_restorer"; readonly type: FaceTool };

/**
 * Recognises detectors by their outputs (YuNet's by name, RetinaFace's by name or columns) and restorers by their shape: a square of pixels that comes out
 * as large as it went in, and for CodeFormer a number beside it.
 */
export function recogniseFaceNetwork({
  inputs,
  outputs,
}: {
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
}): FaceNetwork | undefined {
  const pictures = inputs.filter(isPicturePort);
  const [picture] = pictures;
  if (picture === undefined || pictures.length > 1) return undefined;
  const others = inputs.filter((port) => port !== picture);
  if (others.length === 0 && isDetector(outputs)) return { kind: "face_detector" };
  const [result] = outputs;
  if (result === undefined || !isSquare(picture) || !isSquare(result) || picture.shape[2] !== result.shape[2]) return undefined;
  if (others.length === 0) return { kind: "face_restorer", type: "gfpgan" };
  return others.length === 1 && others[0]!.shape.length <= 1 ? { kind: "face_restorer", type: "codeformer" } : undefined;
}

function isDetector(outputs: readonly Port[]): boolean {
  const names = outputs.map(({ name }) => name);
  if (isYunet(outputs) || ["loc", "conf", "landms"].every((name) => names.includes(name))) return true;
  const columns = outputs.map(({ shape }) => shape.at(-1));
  return outputs.length === 3 && [4, 2, 10].every((count) => columns.includes(count));
}

function isSquare(port: Port): boolean {
  const [, , height, width] = port.shape;
  return isPicturePort(port) && isFixedSide(height) && height === width;
}
