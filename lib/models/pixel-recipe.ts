import { existsSync } from "node:fs";
import { join } from "node:path";
import { DreamError } from "../errors.js";
import { isJsonObject } from "../json-file.js";
import { LARGEST_VIEW } from "./clip-vision-config.js";
import { ConfigReader } from "./config-reader.js";

/** How a picture becomes what a network sees: levels 0 … 1, minus the mean, divided by the deviation, channel by channel. */
export interface PixelRecipe {
  /** Pixels a side. */
  readonly side: number;
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
}

/** OpenAI's, for every CLIP. */
const CLIP = { mean: [0.48145466, 0.4578275, 0.40821073], deviation: [0.26862954, 0.26130258, 0.27577711] } as const;

/**
 * Reads `preprocessor_config.json`; what it does not say is as for CLIP.
 * @param folders where it may lie, the first one that has it counts
 * @param fallback what the model's makers use where the file is missing
 * @throws DreamError model/config, file/unreadable
 */
export async function readPixelRecipe(
  folders: readonly string[],
  fallback: Partial<PixelRecipe> & Pick<PixelRecipe, "side">,
): Promise<PixelRecipe> {
  const path = folders.map((folder) => join(folder, "preprocessor_config.json")).find((file) => existsSync(file));
  if (path === undefined) return { ...CLIP, ...fallback };
  const config = await ConfigReader.open(path);
  const deviation = config.numbers("image_std", 3) ?? fallback.deviation ?? CLIP.deviation;
  if (deviation.some((value) => value <= 0)) throw new DreamError("model/config", `${path}: image_std holds ${deviation.join(", ")}`);
  const side = sideOf(config.raw("crop_size")) ?? sideOf(config.raw("size")) ?? fallback.side;
  if (!Number.isInteger(side) || side < 1 || side > LARGEST_VIEW) {
    throw new DreamError("model/config", `${path}: pictures of ${side} pixels a side are not supported, at most ${LARGEST_VIEW}`);
  }
  return { side, mean: config.numbers("image_mean", 3) ?? fallback.mean ?? CLIP.mean, deviation };
}

/** One number, or an object in one of the spellings of transformers. */
function sideOf(value: unknown): number | undefined {
  const side: unknown = isJsonObject(value) ? (value.shortest_edge ?? value.height ?? value.width) : value;
  return typeof side === "number" ? side : undefined;
}
