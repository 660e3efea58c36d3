import { existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { DreamError } from "../errors.js";
import type { OnnxGraph } from "../networks/parts.js";
import { STABLE_DIFFUSION_SCHEDULE } from "../samplers/scheduler-config.js";
import { listFolder } from "./component-weights.js";
import { ConfigReader } from "./config-reader.js";
import { autoencoderConfig, unetConfig } from "./diffusers-config.js";
import type { OnnxModel } from "./model-components.js";
import { configurationFiles, familyName, folderScheduler } from "./open-diffusers.js";

const PARTS = ["text_encoder", "unet", "vae_decoder", "vae_encoder"] as const;

/** True for folders written by optimum or by diffusers' own ONNX export. */
export function isOnnxFolder(folder: string): boolean {
  return existsSync(join(folder, "unet", "model.onnx"));
}

/**
 * Opens a folder of exported graphs: `text_encoder/`, `unet/`, `vae_decoder/` and, for pictures as input, `vae_encoder/`, each with a
 * `model.onnx`.
 * @param folder absolute path
 * @throws DreamError model/missing-file, model/config, model/unsupported
 */
export async function openOnnxFolder(folder: string): Promise<OnnxModel> {
  if (existsSync(join(folder, "text_encoder_2"))) {
    throw new DreamError("model/unsupported", `${folder} holds an SDXL model, which is not supported yet`);
  }
  const graph = (part: (typeof PARTS)[number]): OnnxGraph | undefined => {
    const modelPath = join(folder, part, "model.onnx");
    return existsSync(modelPath) ? { modelPath } : undefined;
  };
  const required = (part: (typeof PARTS)[number]): OnnxGraph => {
    const found = graph(part);
    if (found === undefined) throw new DreamError("model/missing-file", `${join(folder, part, "model.onnx")} does not exist`);
    return found;
  };
  const graphs = { textEncoder: required("text_encoder"), unet: required("unet"), vaeDecoder: required("vae_decoder") };
  const scheduler = existsSync(join(folder, "scheduler")) ? await folderScheduler(folder) : STABLE_DIFFUSION_SCHEDULE;
  // Old exports have no config.json beside the graphs; their native size then follows from the prediction type, as for single files.
  const unet = await readConfig(join(folder, "unet"), unetConfig);
  const vae = await readConfig(join(folder, "vae_decoder"), autoencoderConfig);
  const isV = scheduler.predictionType === "v_prediction";
  const side = 8 * (unet?.sampleSize ?? (isV ? 96 : 64));
  const tokenizer = join(folder, "tokenizer");
  const graphFiles = await filesBesideGraphs(folder);
  return {
    layout: "onnx",
    origin: folder,
    family: unet === undefined ? (isV ? "SD 2.x (v)" : "SD") : familyName(unet, scheduler, folder),
    ...graphs,
    vaeEncoder: graph("vae_encoder"),
    tokenizer: existsSync(tokenizer) ? { folder: tokenizer } : {},
    scheduler,
    scalingFactor: vae?.scalingFactor ?? 0.18215,
    nativeSize: { width: side, height: side },
    files: [...(await configurationFiles(folder)), ...graphFiles].sort(),
    parameterBytes: (await Promise.all(graphFiles.map((file) => stat(file)))).reduce((sum, { size }) => sum + size, 0),
  };
}

async function readConfig<Config>(folder: string, read: (config: ConfigReader) => Config): Promise<Config | undefined> {
  const path = join(folder, "config.json");
  return existsSync(path) ? read(await ConfigReader.open(path)) : undefined;
}

/** The graphs and the files their weights lie in (`model.onnx_data`, `weights.pb`), of every part. */
async function filesBesideGraphs(folder: string): Promise<string[]> {
  const files: string[] = [];
  for (const part of PARTS.filter((name) => existsSync(join(folder, name)))) {
    const names = (await listFolder(join(folder, part))).filter((name) => !/\.(json|txt)$|^\./.test(name));
    files.push(...names.map((name) => join(folder, part, name)));
  }
  return files;
}
