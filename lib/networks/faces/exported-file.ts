import { existsSync } from "node:fs";
import { join } from "node:path";
import { DreamError } from "../../errors.js";

/**
 * The .onnx file of a network about faces; of a folder, its `model.onnx`.
 *
 * @throws DreamError model/not-found, face/unsupported for weights without their graph, which is not built here
 */
export function exportedFile(path: string): string {
  const inFolder = join(path, "model.onnx");
  if (existsSync(inFolder)) return inFolder;
  if (!existsSync(path)) throw new DreamError("model/not-found", `the network ${path} does not exist`);
  if (/\.onnx$/i.test(path)) return path;
  throw new DreamError("face/unsupported", `${path} holds weights alone, and networks about faces are run as somebody exported them`);
}
