import { existsSync } from "node:fs";
import { join } from "node:path";
import type { WeightSource } from "../checkpoints/tensor.js";
import { DreamError } from "../errors.js";
import type { ClipSegConfig } from "../networks/config.js";
import { clipSegConfig } from "./clip-seg-config.js";
import { checkGrid } from "./clip-vision-config.js";
import { ConfigReader } from "./config-reader.js";
import { type PixelRecipe, readPixelRecipe } from "./pixel-recipe.js";
import { openToolWeights } from "./tool-weights.js";

/** A network that finds in a picture what a text names: one whose graphs we build, or one that was exported. */
export type SegmenterFiles = {
  readonly recipe: PixelRecipe;
  /** Folder of its vocabulary; absent where it brings none and CLIP's own serves. */
  readonly vocabulary?: string;
} & ({ readonly config: ClipSegConfig; readonly weights: WeightSource } | { readonly graph: string });

/** What CLIPSeg's makers prepare pictures with: ImageNet's mean and deviation. */
const CLIPSEG: PixelRecipe = { side: 352, mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225] };

/**
 * Finds out what a CLIPSeg folder holds; no weights are read. Weights go before `model.onnx`.
 * @param folder absolute
 * @throws DreamError model/*, tool/unsupported, file/*, and what the safetensors reader throws
 */
export async function openSegmenter(folder: string): Promise<SegmenterFiles> {
  if (!existsSync(folder)) throw new DreamError("model/not-found", `the network for text masks ${folder} does not exist`);
  const graph = [join(folder, "model.onnx"), join(folder, "onnx", "model.onnx")].find((path) => existsSync(path));
  const weights = await openToolWeights(folder);
  const hasVocabulary = ["vocab.json", "tokenizer.json"].some((name) => existsSync(join(folder, name)));
  const files = { recipe: await readPixelRecipe([folder], CLIPSEG), ...(hasVocabulary && { vocabulary: folder }) };
  if (weights === undefined) {
    if (graph !== undefined) return { ...files, graph };
    throw new DreamError("model/missing-file", `${folder} has neither model.safetensors nor model.onnx`);
  }
  const config = clipSegConfig(await ConfigReader.open(join(folder, "config.json")));
  checkGrid(files.recipe.side, config.vision.patchSize, folder);
  return { ...files, config, weights };
}
