import { existsSync } from "node:fs";
import { basename } from "node:path";
import { LDM_AUTOENCODER, LDM_OPEN_CLIP, LDM_UNET } from "../checkpoints/ldm-key-map.js";
import { ldmAutoencoderSource, ldmClipSource, ldmOpenClipSource, ldmUnetSource } from "../checkpoints/ldm-sources.js";
import { openWeights } from "../checkpoints/open-weights.js";
import type { WeightSource } from "../checkpoints/tensor.js";
import { sourceFiles } from "../checkpoints/weight-source.js";
import { DreamError } from "../errors.js";
import { type SchedulerConfig, STABLE_DIFFUSION_SCHEDULE } from "../samplers/scheduler-config.js";
import { autoencoderConfigFromShapes, textConfigFromShapes, unetConfigFromShapes } from "./ldm-config.js";
import type { WeightsModel } from "./model-components.js";
import { familyName, parameterBytes, vaeScale } from "./open-diffusers.js";
import { probeCheckpoint } from "./probe.js";
import { readSideConfig, type SideConfig } from "./side-config.js";

/**
 * Opens a checkpoint in the layout of the original Stable Diffusion (one file, .safetensors or by torch): its header says what it is, weights stay
 * on disk.
 * @param path absolute path
 * @param config side configuration; by default `NAME.yaml` beside the file, if there is one
 * @throws DreamError model/not-a-model, model/unsupported, model/config, model/side-config, weights/*, and what the readers of both formats throw
 */
export async function openCheckpoint(path: string, config?: string): Promise<WeightsModel> {
  const { weights, metadata } = await openWeights(path);
  const beside = path.replace(/\.[^.]+$/, ".yaml");
  const configPath = config ?? (existsSync(beside) ? beside : undefined);
  const side = configPath === undefined ? undefined : await readSideConfig(configPath);
  const model = describeCheckpoint(weights, metadata, side);
  return { ...model, files: [...model.files, ...(configPath === undefined ? [] : [configPath])].sort() };
}

/**
 * Everything that follows from a checkpoint's keys, shapes, metadata and name.
 * @throws DreamError model/not-a-model, model/unsupported, model/config, model/side-config, weights/*
 */
export function describeCheckpoint(file: WeightSource, metadata: ReadonlyMap<string, string>, side: SideConfig | undefined): WeightsModel {
  const { origin } = file;
  const { textEncoder: textKind, hasAutoencoder } = probeCheckpoint(file);
  if (textKind === undefined) throw new DreamError("model/not-a-model", `${origin} has no text encoder: it is not a whole model`);
  if (!hasAutoencoder) throw new DreamError("model/not-a-model", `${origin} has no VAE: it is not a whole model`);
  const predictionType = predictionTypeOf(file, metadata, side);
  const unet = unetConfigFromShapes(file, side, sampleSizeOf(side, predictionType));
  const vae = autoencoderConfigFromShapes(file, side, LDM_AUTOENCODER);
  const isOpenClip = textKind === "open-clip";
  const textWeights = isOpenClip ? ldmOpenClipSource(file) : ldmClipSource(file);
  const text = textConfigFromShapes(textWeights, textKind, side);
  if (text.hiddenSize !== unet.crossAttentionDim) {
    const sizes = `${text.hiddenSize} numbers a token, its U-Net expects ${unet.crossAttentionDim}`;
    throw new DreamError("model/not-a-model", `${origin} does not fit together: its text encoder gives ${sizes}`);
  }
  const scheduler = scheduleOf(side, predictionType);
  const sources = { text: textWeights, unet: ldmUnetSource(file, unet), vae: ldmAutoencoderSource(file, vae) };
  const pixels = unet.sampleSize * vaeScale(vae);
  return {
    layout: "checkpoint",
    origin,
    family: familyName(unet, scheduler, origin),
    // SD 2.x is conditioned on the output of the last layer but one.
    textEncoder: { config: text, weights: sources.text, skipLayers: isOpenClip ? 1 : 0 },
    unet: { config: unet, weights: sources.unet },
    vae: { config: vae, weights: sources.vae },
    // OpenCLIP pads with token 0, CLIP with its end token.
    tokenizer: isOpenClip ? { pad: 0 } : {},
    scheduler,
    nativeSize: { width: pixels, height: pixels },
    files: sourceFiles(file),
    parameterBytes: Object.values(sources).reduce((sum, source) => sum + parameterBytes(source), 0),
  };
}

/**
 * What the U-Net was trained to predict; it leaves no trace in shapes. In this order: the side configuration; ModelSpec metadata
 * (https://github.com/Stability-AI/ModelSpec, `modelspec.prediction_type`); SD 1.x and inpainting models predict the noise; among the
 * others of SD 2.x the 512-pixel base models do, which carry "512" or "base" in their published names; the rest predict v (diffusers
 * assumes the same).
 */
function predictionTypeOf(
  file: WeightSource,
  metadata: ReadonlyMap<string, string>,
  side: SideConfig | undefined,
): SchedulerConfig["predictionType"] {
  if (side !== undefined) return side.predictionType ?? "epsilon";
  const declared = metadata.get("modelspec.prediction_type")?.toLowerCase();
  if (declared?.startsWith("v")) return "v_prediction";
  if (declared?.startsWith("eps")) return "epsilon";
  const inpaints = file.get(`${LDM_UNET}input_blocks.0.0.weight`)?.shape[1] !== 4;
  const isFirstGeneration = file.get(`${LDM_OPEN_CLIP}ln_final.weight`) === undefined;
  return isFirstGeneration || inpaints || /512|base/i.test(basename(file.origin)) ? "epsilon" : "v_prediction";
}

function scheduleOf(side: SideConfig | undefined, predictionType: SchedulerConfig["predictionType"]): SchedulerConfig {
  const usual = STABLE_DIFFUSION_SCHEDULE;
  return {
    ...usual,
    trainTimesteps: side?.trainTimesteps ?? usual.trainTimesteps,
    betaStart: side?.betaStart ?? usual.betaStart,
    betaEnd: side?.betaEnd ?? usual.betaEnd,
    predictionType,
  };
}

/** Latent side of the native size: 512 px, 768 for v-prediction. The published configuration of the 768-pixel model also says 64. */
function sampleSizeOf(side: SideConfig | undefined, predictionType: SchedulerConfig["predictionType"]): number {
  const written = side?.sampleSize ?? 64;
  return written === 64 && predictionType === "v_prediction" ? 96 : written;
}
