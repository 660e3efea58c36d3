import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { autoencoderFolderKeys } from "../checkpoints/diffusers-keys.js";
import { LDM_AUTOENCODER } from "../checkpoints/ldm-key-map.js";
import { ldmAutoencoderSource } from "../checkpoints/ldm-sources.js";
import { openWeights } from "../checkpoints/open-weights.js";
import { sourceFiles } from "../checkpoints/weight-source.js";
import { DreamError } from "../errors.js";
import type { AutoencoderKLConfig } from "../networks/config.js";
import type { NetworkComponent } from "../networks/parts.js";
import { openComponentWeights } from "./component-weights.js";
import { ConfigReader } from "./config-reader.js";
import { autoencoderConfig } from "./diffusers-config.js";
import { autoencoderConfigFromShapes } from "./ldm-config.js";
import type { WeightsModel } from "./model-components.js";
import { parameterBytes, vaeScale } from "./open-diffusers.js";

/**
 * The model with another VAE in place of its own, as published to improve faces and text (`vae-ft-mse-840000`).
 * @param path absolute path: a diffusers VAE folder, a model folder with `vae/`, or a file in either layout (.safetensors, or by torch)
 * @throws DreamError model/not-a-model, model/unsupported when it does not fit, model/missing-file, model/config, and what the
 * readers of both formats throw
 */
export async function withAutoencoder(model: WeightsModel, path: string): Promise<WeightsModel> {
  const vae = await openAutoencoder(path);
  const { latentChannels } = vae.config;
  if (latentChannels !== model.unet.config.outChannels || vaeScale(vae.config) !== vaeScale(model.vae.config)) {
    throw new DreamError("model/unsupported", `the VAE ${path} does not fit ${model.origin}: its latents have another shape`);
  }
  const replaced = new Set(sourceFiles(model.vae.weights));
  const kept = new Set([...sourceFiles(model.unet.weights), ...sourceFiles(model.textEncoder.weights)]);
  return {
    ...model,
    vae,
    files: [...model.files.filter((file) => kept.has(file) || !replaced.has(file)), ...sourceFiles(vae.weights)].sort(),
    parameterBytes: model.parameterBytes - parameterBytes(model.vae.weights) + parameterBytes(vae.weights),
  };
}

async function openAutoencoder(path: string): Promise<NetworkComponent<AutoencoderKLConfig>> {
  for (const folder of [path, join(path, "vae")]) {
    const config = join(folder, "config.json");
    if (!existsSync(config)) continue;
    const weights = await openComponentWeights(folder, "diffusion_pytorch_model");
    return { config: autoencoderConfig(await ConfigReader.open(config)), weights: autoencoderFolderKeys(weights) };
  }
  const { weights: file } = await openWeights(path);
  const isDiffusers = file.get("decoder.mid_block.resnets.0.conv1.weight") !== undefined;
  if (isDiffusers) {
    const config = join(dirname(path), "config.json");
    if (!existsSync(config)) throw new DreamError("model/missing-file", `${config}, which describes ${path}, does not exist`);
    return { config: autoencoderConfig(await ConfigReader.open(config)), weights: autoencoderFolderKeys(file) };
  }
  const prefix = ["", LDM_AUTOENCODER].find((start) => file.get(`${start}decoder.mid.block_1.conv1.weight`) !== undefined);
  if (prefix === undefined) throw new DreamError("model/not-a-model", `${path} is not a VAE`);
  const config = autoencoderConfigFromShapes(file, undefined, prefix);
  return { config, weights: ldmAutoencoderSource(file, config, prefix) };
}
