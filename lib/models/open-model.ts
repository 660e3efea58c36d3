import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { DreamError } from "../errors.js";
import { fileError } from "../json-file.js";
import { listFolder } from "./component-weights.js";
import type { ModelComponents } from "./model-components.js";
import { withAutoencoder } from "./open-autoencoder.js";
import { openCheckpoint } from "./open-checkpoint.js";
import { openDiffusersFolder } from "./open-diffusers.js";
import { isOnnxFolder, openOnnxFolder } from "./open-onnx.js";
import { checkPictureSizes } from "./picture-sizes.js";

/** What the caller knows about a model beyond its path. */
export interface OpenModelOptions {
  /** Side configuration in the YAML layout of the original Stable Diffusion; wins over `NAME.yaml` beside the file and over probing. */
  readonly config?: string;
  /** A VAE to use instead of the model's own: a folder, a .safetensors file or one by torch. */
  readonly vae?: string;
}

/**
 * Finds out what lies at `path` and describes its parts; no weights are read.
 * @param path a diffusers folder, a folder of ONNX graphs or a checkpoint (.safetensors, .ckpt); relative to the working directory
 * @throws DreamError model/not-found, model/not-a-model, model/unsupported, model/format, model/missing-file, model/config,
 * model/side-config, weights/*, file/unreadable and what the safetensors reader throws
 */
export async function openModel(path: string, options: OpenModelOptions = {}): Promise<ModelComponents> {
  const model = await openPath(resolve(path), options.config && resolve(options.config));
  checkPictureSizes(model);
  if (options.vae === undefined) return model;
  if (model.layout === "onnx") throw new DreamError("model/unsupported", `${path} is a folder of ONNX graphs: its VAE cannot be replaced`);
  return withAutoencoder(model, resolve(options.vae));
}

async function openPath(path: string, config: string | undefined): Promise<ModelComponents> {
  if (!(await isFolder(path))) return openCheckpoint(checkedFile(path), config);
  if ((await listFolder(path)).length === 0) throw new DreamError("model/not-a-model", `${path} is an empty folder`);
  return isOnnxFolder(path) ? openOnnxFolder(path) : openDiffusersFolder(path);
}

/** Formats that hold single graphs or language models are refused by name before anything is read. */
function checkedFile(path: string): string {
  const extension = /\.(onnx|gguf)$/i.exec(path)?.[1]?.toLowerCase();
  if (extension === undefined) return path;
  const remedy = extension === "onnx" ? "; an ONNX model is the folder that holds its graphs" : "";
  throw new DreamError("model/format", `${path} is a .${extension} file, which is not read${remedy}`);
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    const reason = fileError(path, error);
    throw reason.code === "file/not-found" ? new DreamError("model/not-found", `there is no model at ${path}`, { cause: error }) : reason;
  }
}
