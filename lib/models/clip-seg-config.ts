import { DreamError } from "../errors.js";
import type { ClipSegConfig } from "../networks/config.js";
import { clipVisionConfig } from "./clip-vision-config.js";
import { ConfigReader } from "./config-reader.js";
import { clipTextConfig } from "./diffusers-config.js";

/** Positions of CLIP's text tower. */
const POSITIONS = 77;

/**
 * `config.json` of a CLIPSegForImageSegmentation; defaults are those of transformers.
 * @throws DreamError model/config, model/unsupported
 */
export function clipSegConfig(config: ConfigReader): ClipSegConfig {
  const vision = clipVisionConfig(config);
  const width = config.integer("reduce_dim", 64);
  const heads = config.integer("decoder_num_attention_heads", 4);
  config.divides("decoder_num_attention_heads", [heads], [width]);
  const layers = extractLayers(config, vision.layers);
  const conditionalLayer = config.integer("conditional_layer", 0, 0);
  if (conditionalLayer >= layers.length) {
    throw new DreamError(
      "model/config",
      `${config.origin}: conditional_layer is ${conditionalLayer}, and there are ${layers.length} layers`,
    );
  }
  const text = clipTextConfig(withoutType(config.section("text_config")));
  if (text.maxPositions < POSITIONS) {
    throw new DreamError("model/config", `${config.origin}: max_position_embeddings is ${text.maxPositions}, expected ${POSITIONS}`);
  }
  return {
    vision,
    text,
    projection: config.integer("projection_dim", 512),
    layers,
    conditionalLayer,
    decoder: {
      width,
      heads,
      intermediateSize: config.integer("decoder_intermediate_size", 2048),
      refined: config.boolean("use_complex_transposed_convolution", false),
    },
  };
}

/** Layers in ascending order, as everybody writes them: the decoder takes them the other way round. */
function extractLayers(config: ConfigReader, layers: number): readonly number[] {
  const listed = config.raw("extract_layers") ?? [3, 6, 9];
  const fits = (layer: unknown, place: number, all: readonly unknown[]) =>
    Number.isInteger(layer) &&
    (layer as number) >= 0 &&
    (layer as number) < layers &&
    (place === 0 || (layer as number) > Number(all[place - 1]));
  if (!Array.isArray(listed) || listed.length === 0 || !listed.every(fits)) {
    throw new DreamError(
      "model/config",
      `${config.origin}: extract_layers is ${JSON.stringify(listed)?.slice(0, 80)}, which are not layers of ${layers}`,
    );
  }
  return listed as number[];
}

/** The text tower is CLIP's, under a name of its own. */
function withoutType(text: ConfigReader): ConfigReader {
  const names = text.keys().filter((key) => key !== "model_type");
  return new ConfigReader(Object.fromEntries(names.map((key) => [key, text.raw(key)])), text.origin);
}
