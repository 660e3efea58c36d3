import { namedTensors, openTorchFile } from "../../checkpoints/pickle/open-torch-file.js";
import { placeTensors } from "../../checkpoints/pickle/place-tensors.js";
import { type PickledDictionary, PickledObject, type PickledTensor, type PickledValue } from "../../checkpoints/pickle/values.js";
import { isFloat } from "../../checkpoints/read-tensor.js";
import { openSafetensors } from "../../checkpoints/safetensors.js";
import type { TensorRef } from "../../checkpoints/tensor.js";
import { DreamError } from "../../errors.js";

/** One embedding of a file. */
export interface StoredEmbedding {
  /** The name that the file gives it; absent when it gives none, or the stand-in `*`. */
  readonly name?: string;
  /** [n, width] */
  readonly shape: readonly [vectors: number, width: number];
  readonly ref: TensorRef;
}

/** Endings of files that may hold embeddings. */
export const EMBEDDING_ENDINGS = [".pt", ".bin", ".safetensors"];

/** Tokens of a prompt between its begin and end marks. */
const MOST_VECTORS = 75;
/** Words of one file that bring vectors with them; a file with more tensors is a model. */
const MOST_WORDS = 100;
const LONGEST_NAME = 200;

/** Tensors of a file by the word that they stand for; "" for none. */
type Words = ReadonlyMap<string, PickledTensor | TensorRef>;

/**
 * Reads what embeddings a file holds, of any of the layouts that are about: AUTOMATIC1111's and the original one of textual inversion
 * (`string_to_param`), `emb_params`, and word → tensor of diffusers. No vectors are read yet.
 *
 * @param path of a .pt, .bin or .safetensors file
 * @throws DreamError embedding/unusable, file/*, safetensors/*, pickle/*
 */
export async function readEmbeddingFile(path: string): Promise<readonly StoredEmbedding[]> {
  if (/\.safetensors$/i.test(path))
    return describeAll(path, wordsOf(path, (await openSafetensors(path)).tensors) as Map<string, TensorRef>);
  const opened = await openTorchFile(path);
  const { value } = opened;
  if (!(value instanceof Map)) throw unusable(path, "it holds no embedding");
  const words = value.has("string_to_param") ? originalWords(path, value) : wordsOf(path, namedTensors(value));
  return describeAll(path, await placeTensors(opened, words as Map<string, PickledTensor>));
}

/** `emb_params`, or every tensor under its word. */
function wordsOf(path: string, tensors: ReadonlyMap<string, PickledTensor | TensorRef>): Words {
  const alone = tensors.get("emb_params");
  if (alone !== undefined) return new Map([["", alone]]);
  if (tensors.has("clip_g") || tensors.has("clip_l")) throw unusable(path, "it is an embedding for Stable Diffusion XL");
  if (tensors.size === 0) throw unusable(path, "it holds no embedding");
  if (tensors.size > MOST_WORDS) throw unusable(path, `it holds ${tensors.size} tensors, which is no embedding`);
  return tensors;
}

/** With a `name` the first tensor belongs to it; without one the tensor of the last token of `string_to_token`. */
function originalWords(path: string, value: PickledDictionary): Words {
  const parameters = parametersOf(value.get("string_to_param"));
  const tokens = value.get("string_to_token");
  const name = value.get("name");
  const last = tokens instanceof Map ? [...tokens.keys()].at(-1) : undefined;
  const [first] = parameters;
  if (first === undefined) throw unusable(path, "its string_to_param holds no tensor");
  if (typeof name === "string") return new Map([[name, first[1]]]);
  const wanted = typeof last === "string" ? parameters.get(last) : undefined;
  return wanted === undefined ? new Map([first]) : new Map([[last as string, wanted]]);
}

/** A dictionary, or torch's ParameterDict, which keeps its tensors in an attribute. */
function parametersOf(value: PickledValue | undefined): ReadonlyMap<string, PickledTensor> {
  if (!(value instanceof PickledObject)) return namedTensors(value);
  const { state } = value;
  return state instanceof Map ? namedTensors(state.get("_parameters") instanceof Map ? state.get("_parameters") : state) : new Map();
}

function describeAll(path: string, words: ReadonlyMap<string, TensorRef>): StoredEmbedding[] {
  return [...words].map(([word, ref]) => ({ ...nameOf(path, word), shape: shapeOf(path, ref), ref }));
}

function nameOf(path: string, word: string): { readonly name?: string } {
  const name = word.trim();
  if (name === "" || name === "*") return {};
  if (name.length > LONGEST_NAME || /\p{Cc}/u.test(name)) throw unusable(path, "its trigger is too long or holds control characters");
  return { name };
}

function shapeOf(path: string, { dtype, shape }: TensorRef): readonly [number, number] {
  const [vectors, width] = shape.length === 1 ? [1, shape[0]] : shape;
  const numbers = `[${shape.join(", ")}]`;
  if (shape.length < 1 || shape.length > 2 || !vectors || !width)
    throw unusable(path, `its tensor of the shape ${numbers} is no embedding`);
  if (vectors > MOST_VECTORS) throw unusable(path, `it has ${vectors} vectors, and a prompt has room for ${MOST_VECTORS}`);
  if (!isFloat(dtype)) throw unusable(path, `its tensor ${numbers} is stored as ${dtype}`);
  return [vectors, width];
}

function unusable(path: string, why: string): DreamError {
  return new DreamError("embedding/unusable", `${path} is not used: ${why}`);
}
