import { DreamError } from "../errors.js";
import type { ClipVisionConfig } from "../networks/config.js";
import { ConfigReader } from "./config-reader.js";

/** Pixels a side of the pictures that a tower may see; published ones see 224 to 448. */
export const LARGEST_VIEW = 1024;

/**
 * The picture tower of a CLIP model's `config.json`; defaults are those of transformers' CLIPVisionConfig.
 * @throws DreamError model/config, model/unsupported
 */
export function clipVisionConfig(config: ConfigReader): ClipVisionConfig {
  // Files of 2022 hold what counts a second time, and there it is complete.
  const values = { ...objectOf(config, "vision_config"), ...objectOf(config, "vision_config_dict") };
  const vision = new ConfigReader(values, `${config.origin}: vision_config`);
  vision.only("num_channels", 3);
  const hiddenSize = vision.integer("hidden_size", 768);
  const heads = vision.integer("num_attention_heads", 12);
  vision.divides("num_attention_heads", [heads], [hiddenSize]);
  const imageSize = vision.integer("image_size", 224);
  const patchSize = vision.integer("patch_size", 32);
  vision.atMost("image_size", 224, LARGEST_VIEW);
  checkGrid(imageSize, patchSize, vision.origin);
  return {
    hiddenSize,
    intermediateSize: vision.integer("intermediate_size", 3072),
    layers: vision.integer("num_hidden_layers", 12),
    heads,
    imageSize,
    patchSize,
    activation: vision.choice("hidden_act", "quick_gelu", ["quick_gelu", "gelu"]),
    layerNormEps: vision.positive("layer_norm_eps", 1e-5),
  };
}

/** Squares a side of a picture; published towers see 7 to 32, and attention takes the fourth power. */
const LARGEST_GRID = 64;

/** @throws DreamError model/config for pictures of so many squares that no machine could look at them */
export function checkGrid(side: number, patchSize: number, origin: string): void {
  if (side % patchSize === 0 && side / patchSize <= LARGEST_GRID) return;
  const most = `at most ${LARGEST_GRID} a side`;
  throw new DreamError("model/config", `${origin}: pictures of ${side} pixels are no whole squares of ${patchSize} pixels, ${most}`);
}

function objectOf(config: ConfigReader, key: string): object {
  const section = config.section(key);
  return Object.fromEntries(section.keys().map((name) => [name, section.raw(name)]));
}
