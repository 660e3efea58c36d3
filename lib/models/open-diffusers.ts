import { existsSync } from "node:fs";
import { join } from "node:path";
import { autoencoderFolderKeys, textEncoderFolderKeys } from "../checkpoints/diffusers-keys.js";
import { elementCount } from "../checkpoints/read-tensor.js";
import type { WeightSource } from "../checkpoints/tensor.js";
import { sourceFiles } from "../checkpoints/weight-source.js";
import { DreamError } from "../errors.js";
import type { AutoencoderKLConfig, UNetConfig } from "../networks/config.js";
import { type SchedulerConfig, STABLE_DIFFUSION_SCHEDULE } from "../samplers/scheduler-config.js";
import { listFolder, openComponentWeights } from "./component-weights.js";
import { ConfigReader } from "./config-reader.js";
import { autoencoderConfig, clipTextConfig, schedulerConfig, unetConfig } from "./diffusers-config.js";
import type { WeightsModel } from "./model-components.js";

/** Classes that `model_index.json` may name for the parts that we build. */
const COMPONENT_CLASSES: Readonly<Record<string, readonly string[]>> = {
  text_encoder: ["CLIPTextModel", "CLIPTextModelWithProjection"],
  unet: ["UNet2DConditionModel"],
  vae: ["AutoencoderKL"],
};

/**
 * Opens a folder in the layout of diffusers: configurations are read and validated, weights stay on disk.
 * @param folder absolute path
 * @throws DreamError model/not-a-model, model/missing-file, model/config, model/unsupported, and what the safetensors reader throws
 */
export async function openDiffusersFolder(folder: string): Promise<WeightsModel> {
  await checkModelIndex(folder);
  const textConfig = clipTextConfig(await componentConfig(folder, "text_encoder"));
  const unet = unetConfig(await componentConfig(folder, "unet"));
  const vae = autoencoderConfig(await componentConfig(folder, "vae"));
  const scheduler = await folderScheduler(folder);
  const sources = {
    textEncoder: textEncoderFolderKeys(await openComponentWeights(join(folder, "text_encoder"), "model")),
    unet: await openComponentWeights(join(folder, "unet"), "diffusion_pytorch_model"),
    vae: autoencoderFolderKeys(await openComponentWeights(join(folder, "vae"), "diffusion_pytorch_model")),
  };
  const tokenizer = join(folder, "tokenizer");
  const side = unet.sampleSize * vaeScale(vae);
  return {
    layout: "diffusers",
    origin: folder,
    family: familyName(unet, scheduler, folder),
    textEncoder: { config: textConfig, weights: sources.textEncoder, skipLayers: 0 },
    unet: { config: unet, weights: sources.unet },
    vae: { config: vae, weights: sources.vae },
    tokenizer: existsSync(tokenizer) ? { folder: tokenizer } : {},
    scheduler,
    nativeSize: { width: side, height: side },
    files: [...(await configurationFiles(folder)), ...Object.values(sources).flatMap(sourceFiles)].sort(),
    parameterBytes: Object.values(sources).reduce((sum, source) => sum + parameterBytes(source), 0),
  };
}

/** Pixels per latent element along one axis: 8 for every published model. */
export function vaeScale(vae: AutoencoderKLConfig): number {
  return 2 ** (vae.blockOutChannels.length - 1);
}

/** Bytes that the tensors of a source take as 32-bit floats. */
export function parameterBytes(source: WeightSource): number {
  let elements = 0;
  for (const key of source.keys()) elements += elementCount(source.get(key) ?? { shape: [0] });
  return elements * 4;
}

/**
 * What the prompt calls the model. The UNets of SD 2.x project with linear layers, those of 1.x with convolutions.
 * @throws DreamError model/unsupported for other numbers of input channels (instruct-pix2pix 8, upscalers 7, depth 5)
 */
export function familyName(unet: UNetConfig, scheduler: SchedulerConfig, origin: string): string {
  const generation = unet.useLinearProjection ? "SD 2.x" : "SD 1.x";
  const latents = unet.outChannels;
  if (unet.inChannels !== latents && unet.inChannels !== 2 * latents + 1) {
    const kind = { 5: "depth-to-image", 7: "upscaler", 8: "instruct-pix2pix" }[unet.inChannels] ?? `${unet.inChannels}-channel`;
    throw new DreamError("model/unsupported", `${origin} is a model of the kind ${kind}, which is not supported yet`);
  }
  const inpainting = unet.inChannels === latents ? "" : " inpainting";
  return `${generation}${inpainting}${scheduler.predictionType === "v_prediction" ? " (v)" : ""}`;
}

async function checkModelIndex(folder: string): Promise<void> {
  const path = join(folder, "model_index.json");
  if (!existsSync(path)) {
    if (existsSync(join(folder, "unet"))) return;
    throw new DreamError("model/not-a-model", `${folder} is not a model folder: it has no model_index.json`);
  }
  const index = await ConfigReader.open(path);
  const pipeline = index.text("_class_name") ?? "";
  const foreign = /StableDiffusionXL|StableDiffusion3|Flux|Kandinsky|PixArt|AnimateDiff/.exec(pipeline)?.[0];
  if (foreign !== undefined) {
    const name = { StableDiffusionXL: "SDXL", StableDiffusion3: "SD3" }[foreign] ?? foreign;
    throw new DreamError(
      "model/unsupported",
      `${folder} holds ${/^[AEFHILMNOSX]/.test(name) ? "an" : "a"} ${name} model, which is not supported yet`,
    );
  }
  for (const [component, classes] of Object.entries(COMPONENT_CLASSES)) {
    const entry = index.raw(component);
    const name: unknown = Array.isArray(entry) ? entry[1] : undefined;
    if (typeof name !== "string" || !classes.includes(name)) {
      throw new DreamError("model/unsupported", `${path}: ${component} ${JSON.stringify(entry) ?? "(absent)"} is not supported`);
    }
  }
}

async function componentConfig(folder: string, component: string): Promise<ConfigReader> {
  const path = join(folder, component, "config.json");
  if (!existsSync(path)) throw new DreamError("model/missing-file", `${path} does not exist`);
  return ConfigReader.open(path);
}

/** The noise schedule of a model folder; the one of SD 1.x where the folder has none. */
export async function folderScheduler(folder: string): Promise<SchedulerConfig> {
  const path = join(folder, "scheduler", "scheduler_config.json");
  return existsSync(path) ? schedulerConfig(await ConfigReader.open(path)) : STABLE_DIFFUSION_SCHEDULE;
}

/** The small text files of the folder and its component folders: they decide what the weights mean. */
export async function configurationFiles(folder: string): Promise<string[]> {
  const files: string[] = [];
  for (const part of [".", "scheduler", "text_encoder", "tokenizer", "unet", "vae"]) {
    const names = existsSync(join(folder, part)) ? await listFolder(join(folder, part)) : [];
    files.push(...names.filter((name) => /\.(json|txt)$/.test(name)).map((name) => join(folder, part, name)));
  }
  return files;
}
