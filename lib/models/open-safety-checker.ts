import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { renamed } from "../checkpoints/diffusers-keys.js";
import { elementCount, isFloat } from "../checkpoints/read-tensor.js";
import type { TensorRef, WeightSource } from "../checkpoints/tensor.js";
import { DreamError } from "../errors.js";
import type { ClipVisionConfig } from "../networks/config.js";
import { clipVisionConfig } from "./clip-vision-config.js";
import { ConfigReader } from "./config-reader.js";
import { type PixelRecipe, readPixelRecipe } from "./pixel-recipe.js";
import { openToolWeights } from "./tool-weights.js";

/** Where the concepts of a checker lie: a direction and a threshold each. */
export interface ConceptRefs {
  /** (N, P) and (N). */
  readonly special: readonly [directions: TensorRef, thresholds: TensorRef];
  readonly usual: readonly [directions: TensorRef, thresholds: TensorRef];
}

/** A checker whose graph we build, or one that was exported: that one judges itself, or gives an embedding for the concepts beside it. */
export type SafetyCheckerFiles = { readonly recipe: PixelRecipe } & (
  | {
      readonly vision: ClipVisionConfig;
      readonly weights: WeightSource;
      /** Channels of an embedding. */
      readonly projection: number;
      readonly concepts: ConceptRefs;
    }
  | { readonly graph: string; readonly concepts?: ConceptRefs }
);

/** The published checker has 17 and 3. */
const MOST_CONCEPTS = 1000;
const CONCEPT_KEYS = ["special_care_embeds", "special_care_embeds_weights", "concept_embeds", "concept_embeds_weights"] as const;

/**
 * Finds out what an NSFW checker's folder holds; no weights are read. The weights are the whole checker, or only its concepts beside a
 * `model.onnx`. How pictures are prepared stands in the folder or in `feature_extractor/` beside it.
 * @param folder `safety_checker/` of a diffusers model, or one like it; absolute
 * @throws DreamError tool/unsupported, model/*, weights/*, file/*, and what the safetensors reader throws
 */
export async function openSafetyChecker(folder: string): Promise<SafetyCheckerFiles> {
  if (!existsSync(folder)) throw new DreamError("model/not-found", `the NSFW checker ${folder} does not exist`);
  const graph = join(folder, "model.onnx");
  const hasGraph = existsSync(graph);
  const source = await openToolWeights(folder);
  const preparation = [folder, join(dirname(folder), "feature_extractor")];
  if (source === undefined && !hasGraph) {
    throw new DreamError("model/missing-file", `${folder} has neither model.safetensors nor model.onnx`);
  }
  if (source === undefined) return { graph, recipe: await readPixelRecipe(preparation, { side: 224 }) };
  const concepts = conceptsOf(source);
  const weights = towerOf(source);
  if (hasGraph && [...weights.keys()].length === 0) {
    return { graph, concepts, recipe: await readPixelRecipe(preparation, { side: 224 }) };
  }
  const config = await ConfigReader.open(join(folder, "config.json"));
  const vision = clipVisionConfig(config);
  const recipe = await readPixelRecipe(preparation, { side: vision.imageSize });
  if (recipe.side !== vision.imageSize) {
    throw new DreamError("tool/unsupported", `${folder} sees ${vision.imageSize} pixels a side but prepares ${recipe.side}`);
  }
  const projection = config.integer("projection_dim", 512);
  for (const [directions] of Object.values(concepts) as ConceptRefs["usual"][]) {
    if (directions.shape[1] !== projection) {
      throw new DreamError(
        "weights/shape",
        `${source.origin}: ${directions.key} has ${directions.shape[1]} channels, expected ${projection}`,
      );
    }
  }
  return { vision, weights, projection, concepts, recipe };
}

/** The picture tower under the names that the network asks for: transformers 5 left out one level of names. */
function towerOf(source: WeightSource): WeightSource {
  const isOld = [...source.keys()].some((key) => key.startsWith("vision_model.vision_model."));
  const rename = (key: string) => {
    if (key.endsWith("position_ids") || CONCEPT_KEYS.some((concept) => concept === key)) return undefined;
    return key.replace(/^vision_model\.vision_model\./, "vision_model.");
  };
  const old = (key: string) => key.replace(/^vision_model\./, "vision_model.vision_model.");
  return renamed(source, rename, { nameInFile: (key) => (isOld ? old(key) : key) });
}

/** @throws DreamError weights/missing-key, weights/shape, weights/dtype */
function conceptsOf(source: WeightSource): ConceptRefs {
  const find = (key: string, rank: number): TensorRef => {
    const ref = source.get(key);
    if (ref === undefined) throw new DreamError("weights/missing-key", `${source.origin} is no NSFW checker: it has no tensor ${key}`);
    const isRight = ref.shape.length === rank && elementCount(ref) > 0 && (ref.shape[0] ?? 0) <= MOST_CONCEPTS;
    if (!isRight) throw new DreamError("weights/shape", `${source.origin}: ${key} has the unexpected shape [${ref.shape.join(", ")}]`);
    if (!isFloat(ref.dtype)) throw new DreamError("weights/dtype", `${source.origin}: ${key} is stored as ${ref.dtype}`);
    return ref;
  };
  const pair = (key: string): readonly [TensorRef, TensorRef] => {
    const [directions, thresholds] = [find(key, 2), find(`${key}_weights`, 1)];
    if (directions.shape[0] === thresholds.shape[0]) return [directions, thresholds];
    throw new DreamError(
      "weights/shape",
      `${source.origin} has ${directions.shape[0]} ${key} but ${thresholds.shape[0]} thresholds for them`,
    );
  };
  return { special: pair("special_care_embeds"), usual: pair("concept_embeds") };
}
