import { type ClipTokenizer, loadTokenizer } from "../conditioning/tokenizer.js";
import { DreamError } from "../errors.js";
import type { SegmenterFiles } from "../models/open-segmenter.js";
import type { PixelRecipe } from "../models/pixel-recipe.js";
import { describePorts, isFixedSide } from "../networks/picture-port.js";
import { ExportedGraph, type NumberFeed } from "../onnx/exported-graph.js";
import { createClipSeg } from "./clip-seg.js";
import { requireMemory } from "./require-memory.js";

/** A network that finds in a picture what a text names. */
export interface Segmenter {
  readonly recipe: PixelRecipe;
  readonly tokenizer: ClipTokenizer;
  /**
   * @param pixels (3, side, side), prepared by the recipe
   * @param tokens of the text, without BOS and EOS, at most 75
   * @returns a square, row by row: the higher, the likelier
   */
  logits(pixels: Float32Array, tokens: readonly number[]): Promise<Float32Array>;
  release(): Promise<void>;
}

/** @throws DreamError tool/unsupported, tokenizer/vocabulary, weights/*, model/not-a-model */
export async function createSegmenter(files: SegmenterFiles, threads: number): Promise<Segmenter> {
  const { recipe } = files;
  const tokenizer = await loadTokenizer(files.vocabulary);
  if ("config" in files) {
    await requireMemory("the network for text masks", files.weights);
    return { recipe, tokenizer, ...(await createClipSeg(files, { recipe, tokenizer, threads })) };
  }
  const graph = await ExportedGraph.open(files.graph, { threads, releaseScratch: true });
  try {
    return { recipe, tokenizer, logits: exportedLogits(graph, recipe, tokenizer), release: () => graph.release() };
  } catch (failure) {
    await graph.release();
    throw failure;
  }
}

/** Positions of CLIP's text encoder; no exported graph takes more. */
const MOST_TOKENS = 77;

/** Inputs are told apart by rank and name, since exporters differ in types, in their order and in fixed or free sizes. */
function exportedLogits(graph: ExportedGraph, { side }: PixelRecipe, tokenizer: ClipTokenizer): Segmenter["logits"] {
  const { inputs, outputs } = graph;
  const pixelInput = inputs.find(({ shape }) => shape.length === 4);
  const maskInput = inputs.find(({ name, shape }) => shape.length === 2 && name.includes("mask"));
  const textInput = inputs.find((input) => input.shape.length === 2 && input !== maskInput);
  const output = outputs.find(({ name }) => name === "logits") ?? (outputs.length === 1 ? outputs[0] : undefined);
  const known = [pixelInput, maskInput, textInput];
  if (!pixelInput || !textInput || !output || inputs.some((input) => !known.includes(input))) throw notSuch(graph);
  const wanted = [1, 3, side, side];
  if (pixelInput.shape.some((extent, axis) => isFixedSide(extent) && extent !== wanted[axis])) throw notSuch(graph);
  const length = textInput.shape[1];
  if (isFixedSide(length) && (length < 3 || length > MOST_TOKENS)) throw notSuch(graph);
  return (pixels, tokens) => {
    const positions = isFixedSide(length) ? length : tokens.length + 2;
    const ids = tokenizer.frame(tokens, positions);
    const used = Math.min(tokens.length + 2, positions);
    const feeds: Record<string, NumberFeed> = {
      [pixelInput.name]: { data: pixels, shape: wanted },
      [textInput.name]: { data: ids, shape: [1, positions] },
    };
    if (maskInput) feeds[maskInput.name] = { data: ids.map((_, place) => (place < used ? 1 : 0)), shape: [1, positions] };
    return graph.run(feeds, output.name).catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      throw new DreamError("tool/unsupported", `${graph.path} cannot be run: ${reason.slice(0, 300)}`, { cause: error });
    });
  };
}

function notSuch({ path, inputs, outputs }: ExportedGraph): DreamError {
  const ports = `it takes ${describePorts(inputs)} and gives ${describePorts(outputs)}`;
  return new DreamError("tool/unsupported", `${path} is no network for text masks: ${ports}`);
}
