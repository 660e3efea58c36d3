import { existsSync } from "node:fs";
import { join } from "node:path";
import { DreamError } from "../errors.js";
import { type PixelRecipe, readPixelRecipe } from "./pixel-recipe.js";

/** A network that finds in a picture what a text names. */
export interface SegmenterFiles {
  readonly recipe: PixelRecipe;
  /** Folder of its vocabulary; absent where it brings none and CLIP's own serves. */
  readonly vocabulary?: string;
  /** The exported graph. */
  readonly graph: string;
}

/** What CLIPSeg's makers prepare pictures with: ImageNet's mean and deviation. */
const CLIPSEG: PixelRecipe = { side: 352, mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225] };

/**
 * Finds out what a CLIPSeg folder holds; no weights are read.
 * @param folder absolute
 * @throws DreamError model/not-found, model/config, tool/unsupported, file/*
 */
export async function openSegmenter(folder: string): Promise<SegmenterFiles> {
  if (!existsSync(folder)) throw new DreamError("model/not-found", `the network for text masks ${folder} does not exist`);
  const graph = [join(folder, "model.onnx"), join(folder, "onnx", "model.onnx")].find((path) => existsSync(path));
  if (graph === undefined) throw new DreamError("tool/unsupported", `${folder} is no network for text masks: it has no model.onnx`);
  const hasVocabulary = ["vocab.json", "tokenizer.json"].some((name) => existsSync(join(folder, name)));
  return { recipe: await readPixelRecipe([folder], CLIPSEG), ...(hasVocabulary && { vocabulary: folder }), graph };
}
