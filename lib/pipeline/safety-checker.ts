import { readTensor } from "../checkpoints/read-tensor.js";
import { DreamError } from "../errors.js";
import type { ConceptRefs, SafetyCheckerFiles } from "../models/open-safety-checker.js";
import type { PixelRecipe } from "../models/pixel-recipe.js";
import { buildClipVision } from "../networks/clip-vision.js";
import { fastConvolutions } from "../networks/convolution/policy.js";
import { describePorts } from "../networks/picture-port.js";
import { ShapedNetwork } from "../networks/shaped-network.js";
import { ExportedGraph, type PortDescription } from "../onnx/exported-graph.js";
import { type ConceptScores, cosinesWithRows, judgeConcepts } from "./judge-concepts.js";
import { requireMemory } from "./require-memory.js";

/** A network that judges pictures. */
export interface SafetyChecker {
  readonly recipe: PixelRecipe;
  /** @param pixels (3, side, side), prepared by the recipe @returns true for a picture that is to be blurred */
  isUnsafe(pixels: Float32Array): Promise<boolean>;
  release(): Promise<void>;
}

/**
 * A checker from its files; nothing of its networks is loaded before the first picture.
 * @throws DreamError tool/unsupported, weights/*, model/not-a-model
 */
export async function createSafetyChecker(files: SafetyCheckerFiles, threads: number): Promise<SafetyChecker> {
  const concepts = files.concepts && (await readConcepts(files.concepts));
  if ("graph" in files)
    return exportedChecker(await ExportedGraph.open(files.graph, { threads, releaseScratch: true }), files.recipe, concepts);
  await requireMemory("the NSFW checker", files.weights);
  const vision = createClipVision(files, threads);
  return {
    recipe: files.recipe,
    isUnsafe: async (pixels) => isUnsafe(await vision.embed(pixels), concepts as Concepts, files.weights.origin),
    release: () => vision.release(),
  };
}

/**
 * The picture tower with its weights.
 * @throws DreamError weights/* when they do not fit together
 */
export function createClipVision(
  { vision, weights: source, projection }: Extract<SafetyCheckerFiles, { vision: object }>,
  threads: number,
): { embed(pixels: Float32Array): Promise<Float32Array>; release(): Promise<void> } {
  const options = { convolutions: fastConvolutions, seamless: "", bandBytes: 0 } as const;
  const build = (weights: typeof source) => buildClipVision(vision, weights, { projection }, options);
  // Faulty weights are found before a picture is made.
  build(source);
  const network = new ShapedNetwork({ name: "vision", source, threads, releaseScratch: true, onNotice: () => {}, capacity: 1 });
  const side = vision.imageSize;
  return {
    embed: (pixels) => network.run("vision", build, { pixels: { data: pixels, shape: [1, 3, side, side] } }),
    release: () => network.release(),
  };
}

interface Concepts {
  readonly special: { readonly directions: Float32Array; readonly thresholds: Float32Array };
  readonly usual: Concepts["special"];
}

async function readConcepts({ special, usual }: ConceptRefs): Promise<Concepts> {
  const read = async ([directions, thresholds]: ConceptRefs["usual"]) => {
    const values = { directions: await readTensor(directions), thresholds: await readTensor(thresholds) };
    if (Object.values(values).some((numbers) => numbers.some((value) => !Number.isFinite(value)))) {
      throw new DreamError(
        "tool/unsupported",
        `${directions.file} is no NSFW checker: ${directions.key} holds values that are not numbers`,
      );
    }
    return values;
  };
  return { special: await read(special), usual: await read(usual) };
}

/** @throws DreamError tool/unsupported for an embedding that says nothing: a picture must not pass unchecked */
function isUnsafe(embedding: Float32Array, { special, usual }: Concepts, origin: string): boolean {
  if (embedding.some((value) => !Number.isFinite(value))) {
    throw new DreamError("tool/unsupported", `the NSFW checker ${origin} gave values that are not numbers`);
  }
  if (embedding.length * usual.thresholds.length !== usual.directions.length) {
    throw new DreamError(
      "tool/unsupported",
      `the NSFW checker ${origin} gives ${embedding.length} values, which are not those of its concepts`,
    );
  }
  const scores = ({ directions, thresholds }: Concepts["usual"]): ConceptScores => ({
    cosines: cosinesWithRows(embedding, directions),
    thresholds,
  });
  return judgeConcepts(scores(special), scores(usual)).length > 0;
}

/** What diffusers' export calls the verdict. */
const VERDICT = "has_nsfw_concepts";

async function exportedChecker(graph: ExportedGraph, recipe: PixelRecipe, concepts: Concepts | undefined): Promise<SafetyChecker> {
  try {
    const pictures = graph.inputs.filter(({ shape }) => shape.length === 4);
    const clip = pictures.find(({ name }) => name === "clip_input") ?? pictures[0];
    const verdict = graph.outputs.find(({ name, type }) => name === VERDICT || type === "bool");
    const output = verdict ?? (concepts && graph.outputs.find(({ shape }) => shape.length === 2));
    if (clip === undefined || output === undefined || pictures.length !== graph.inputs.length || pictures.length > 2) throw notSuch(graph);
    const { side } = recipe;
    if (!fits(clip, [1, 3, side, side])) throw notSuch(graph);
    // The other one are the pictures that it would paint black; nobody looks at them.
    const others = pictures.filter((input) => input !== clip).map((input) => [input.name, blank(input)] as const);
    return {
      recipe,
      isUnsafe: async (pixels) => {
        const feeds = { ...Object.fromEntries(others), [clip.name]: { data: pixels, shape: [1, 3, side, side] } };
        const values = await graph.run(feeds, output.name);
        if (verdict === undefined) return isUnsafe(values, concepts as Concepts, graph.path);
        return values.some((value) => value !== 0);
      },
      release: () => graph.release(),
    };
  } catch (failure) {
    await graph.release();
    throw failure;
  }
}

function fits({ shape }: PortDescription, wanted: readonly number[]): boolean {
  return shape.every((extent, axis) => typeof extent !== "number" || extent < 1 || extent === wanted[axis]);
}

/** Pixels a side of a picture that nobody looks at. */
const BLANK = 8;
const LARGEST_BLANK = 4096;

function blank(input: PortDescription): { data: Float32Array; shape: number[] } {
  const usual = [1, BLANK, BLANK, 3];
  const shape = input.shape.map((extent, axis) =>
    typeof extent === "number" && extent > 0 ? Math.min(extent, LARGEST_BLANK) : usual[axis]!,
  );
  return { data: new Float32Array(shape.reduce((product, extent) => product * extent, 1)), shape };
}

function notSuch({ path, inputs, outputs }: ExportedGraph): DreamError {
  const ports = `it takes ${describePorts(inputs)} and gives ${describePorts(outputs)}`;
  return new DreamError("tool/unsupported", `${path} is no NSFW checker: ${ports}`);
}
