import { isJsonObject } from "../json-file.js";
import { ConfigReader } from "./config-reader.js";
import { readYamlMapping } from "./read-yaml.js";

/**
 * What a side configuration (`NAME.yaml`, as the original Stable Diffusion repositories ship them) adds to the shapes in the file.
 * Everything is optional. `norm_num_groups` and the text encoder's `heads` are ours: the original has one value for each.
 */
export interface SideConfig {
  readonly origin: string;
  readonly predictionType?: "epsilon" | "v_prediction";
  readonly trainTimesteps?: number;
  readonly betaStart?: number;
  readonly betaEnd?: number;
  readonly scalingFactor?: number;
  /** Latent side of the native size. */
  readonly sampleSize?: number;
  readonly unetHeads?: number;
  readonly unetHeadChannels?: number;
  readonly unetGroups?: number;
  readonly autoencoderGroups?: number;
  readonly textHeads?: number;
}

/** Reads `model.params` of a side configuration. @throws DreamError file/not-found, file/unreadable, model/config, model/unsupported */
export async function readSideConfig(path: string): Promise<SideConfig> {
  const params = new ConfigReader(await readYamlMapping(path, "model/config"), path).section("model").section("params");
  const unet = params.section("unet_config").section("params");
  const autoencoder = params.section("first_stage_config").section("params").section("ddconfig");
  // Some side configurations have a plain text or `__is_unconditional__` here.
  const text = isJsonObject(params.raw("cond_stage_config")) ? params.section("cond_stage_config").section("params") : undefined;
  const parameterization = params.raw("parameterization") && params.choice("parameterization", "eps", ["eps", "v"]);
  const optional = (reader: ConfigReader | undefined, key: string) => {
    const value = reader?.raw(key);
    // LDM writes -1 for "not this one" of num_heads and num_head_channels.
    return reader === undefined || value === undefined || value === -1 ? undefined : reader.integer(key, 1);
  };
  const given = <Value>(key: string, read: (key: string) => Value) => (params.raw(key) === undefined ? undefined : read(key));
  return {
    origin: path,
    predictionType: parameterization === "v" ? "v_prediction" : parameterization === "eps" ? "epsilon" : undefined,
    trainTimesteps: optional(params, "timesteps"),
    betaStart: given("linear_start", (key) => params.fraction(key, 0.1)),
    betaEnd: given("linear_end", (key) => params.fraction(key, 0.1)),
    scalingFactor: given("scale_factor", (key) => params.positive(key, 1)),
    sampleSize: optional(params, "image_size"),
    unetHeads: optional(unet, "num_heads"),
    unetHeadChannels: optional(unet, "num_head_channels"),
    unetGroups: optional(unet, "norm_num_groups"),
    autoencoderGroups: optional(autoencoder, "norm_num_groups"),
    textHeads: optional(text, "heads"),
  };
}
