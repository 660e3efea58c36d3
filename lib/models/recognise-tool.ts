import { existsSync } from "node:fs";
import { join } from "node:path";
import { openWeights } from "../checkpoints/open-weights.js";
import { isTorchFile } from "../checkpoints/pickle/open-torch-file.js";
import { DreamError } from "../errors.js";
import { readJsonObject } from "../json-file.js";
import { isPicturePort } from "../networks/picture-port.js";
import { readPorts } from "../onnx/read-ports.js";
import { openUpscaler } from "./open-upscaler.js";
import { recogniseFaceNetwork } from "./recognise-face-network.js";
import type { ToolEntry, ToolKind } from "./registry/registry.js";

/** The class in a folder's `config.json`, and what such a network is used for. */
const KINDS_BY_CLASS: Readonly<Record<string, ToolKind>> = {
  CLIPSegForImageSegmentation: "segmenter",
  StableDiffusionSafetyChecker: "safety_checker",
};

/**
 * What a file or folder does to pictures, where it is no model to draw with; undefined for everything else. This is the one place that
 * recognises it; headers and configurations alone are read.
 *
 * @param path absolute
 * @throws DreamError file/unreadable, model/config, model/not-a-model, face/unsupported
 */
export async function recogniseTool(path: string): Promise<Pick<ToolEntry, "kind" | "type"> | undefined> {
  if (/\.onnx$/i.test(path)) {
    const ports = await readPorts(path);
    return recogniseFaceNetwork(ports) ?? (enlarges(ports) ? { kind: "upscaler" } : undefined);
  }
  if (/\.safetensors$/i.test(path) || isTorchFile(path)) {
    if (await isUpscaler(path)) return { kind: "upscaler" };
    await refuseFaceWeights(path);
    return undefined;
  }
  const config = join(path, "config.json");
  if (!existsSync(config)) return undefined;
  const { architectures } = await readJsonObject(config, "model/config");
  const names: readonly unknown[] = Array.isArray(architectures) ? architectures : [];
  const known = names.find((name): name is string => typeof name === "string" && Object.hasOwn(KINDS_BY_CLASS, name));
  const kind = known === undefined ? undefined : KINDS_BY_CLASS[known];
  return kind === undefined ? undefined : { kind };
}

/** One picture in, one out; which is larger, the session says when it is opened. */
function enlarges({ inputs, outputs }: Awaited<ReturnType<typeof readPorts>>): boolean {
  return inputs.length === 1 && outputs.length === 1 && [...inputs, ...outputs].every(isPicturePort);
}

/** Parts of a key that only the weights of one network about faces have. */
const FACE_WEIGHTS: readonly (readonly [RegExp, string])[] = [
  [/(^|\.)stylegan_decoder\./, "GFPGAN"],
  [/(^|\.)fuse_convs_dict\./, "CodeFormer"],
  [/(^|\.)LandmarkHead\./, "RetinaFace"],
];

/** These networks are mostly published as weights, and their graphs are not built here. @throws DreamError face/unsupported */
async function refuseFaceWeights(path: string): Promise<void> {
  const opened = await openWeights(path).catch((error: unknown) => {
    if (error instanceof DreamError) return undefined;
    throw error;
  });
  const keys = [...(opened?.weights.keys() ?? [])];
  const [, network] = FACE_WEIGHTS.find(([pattern]) => keys.some((key) => pattern.test(key))) ?? [];
  if (network === undefined) return;
  throw new DreamError(
    "face/unsupported",
    `${path} holds weights of ${network} alone, and networks about faces are run as somebody exported them`,
  );
}

async function isUpscaler(path: string): Promise<boolean> {
  try {
    await openUpscaler(path);
    return true;
  } catch (error) {
    if (error instanceof DreamError) return false;
    throw error;
  }
}
