import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "@jest/globals";
import { PromptEncoder } from "../../lib/conditioning/encode-prompt.js";
import type { PromptEmbedding } from "../../lib/conditioning/prompt-embeddings.js";
import { CLIP_LENGTH, type ClipTokenizer, loadTokenizer } from "../../lib/conditioning/tokenizer.js";
import { DreamError } from "../../lib/errors.js";
import { type Embedding, EmbeddingLibrary } from "../../lib/models/embeddings/embedding-library.js";
import { openModel } from "../../lib/models/open-model.js";
import { createNetworks, type TextEncoder } from "../../lib/networks/network-sessions.js";
import { floats, integers, MINIATURES, ORACLES, readOracle, relativeError } from "../oracles/read-oracle.js";

interface Cases {
  /** Id of the first vector in diffusers: the size of its vocabulary. */
  readonly vocabulary: number;
  readonly prompts: readonly string[];
  readonly triggers: readonly { readonly trigger: string; readonly file: string; readonly vectors: number; readonly first: number }[];
}

const SD1 = path.join(MINIATURES, "sd1");
const FOLDER = path.join(ORACLES, "embeddings");
const cases = JSON.parse(readFileSync(path.join(FOLDER, "cases.json"), "utf8")) as Cases;
const values = readOracle("../embeddings/cases");

const parts = (async (): Promise<{ tokenizer: ClipTokenizer; encoder: TextEncoder; embeddings: readonly Embedding[] }> => {
  const model = await openModel(SD1);
  if (model.layout === "onnx") throw new Error("the miniature is a folder of weights");
  const { textEncoder } = await createNetworks(model, { threads: 1, memory: "fast", modelCache: "off", seamless: "" });
  const library = new EmbeddingLibrary();
  await library.refresh(path.join(FOLDER, "files"));
  const { embeddings } = library.offer(textEncoder.width);
  return { tokenizer: await loadTokenizer(path.join(SD1, "tokenizer")), encoder: textEncoder, embeddings };
})();

const USUAL = { clipSkip: 0, cfgScale: 7.5 };
const noWait = async () => {};

/** An encoder of prompts, and the tokens that it was asked to encode. */
async function promptEncoder(offered?: readonly PromptEmbedding[], changes: Partial<TextEncoder> = {}) {
  const { tokenizer, encoder, embeddings } = await parts;
  const asked: number[][] = [];
  const prompts = new PromptEncoder(tokenizer, {
    ...encoder,
    encode: (ids, ...others) => {
      asked.push([...ids]);
      return encoder.encode(ids, ...others);
    },
    ...changes,
  });
  prompts.offerEmbeddings(offered ?? embeddings);
  return { prompts, asked };
}

/** Stand-ins for embeddings of any trigger. */
function made(...triggers: (readonly [trigger: string, vectors: number])[]): PromptEmbedding[] {
  return triggers.map(([trigger, vectors]) => ({
    trigger,
    vectors,
    read: async () => new Float32Array(vectors * (await parts).encoder.width).fill(0.25),
  }));
}

/** The tokens of a prompt as `-t` tells them, without the blank at their end. */
async function tokensOf(prompt: string, offered: readonly PromptEmbedding[], longPrompts = false): Promise<string[]> {
  const { prompts } = await promptEncoder(offered);
  const { log } = await prompts.encode({ ...USUAL, prompt, longPrompts }, noWait);
  return log.texts.flatMap(({ tokens }) => tokens.map((token) => token.trim()));
}

describe("as diffusers encodes prompts with textual inversion", () => {
  test.each(cases.prompts.map((prompt, index) => ({ prompt, index, name: prompt.slice(0, 60) })))("$name", async ({ prompt, index }) => {
    const { prompts, asked } = await promptEncoder();
    const { positive } = await prompts.encode({ ...USUAL, prompt }, noWait);
    expect(relativeError(positive, floats(values, String(index)))).toBeLessThan(1e-4);

    // Which id a vector has is each program's own affair; the same places must hold the same vectors.
    const word = (id: number) => cases.triggers.find(({ first, vectors }) => id >= first && id < first + vectors);
    const places = [...integers(values, `${index}.ids`)].map((id) => (word(id) ? `${word(id)!.trigger} ${id - word(id)!.first}` : id));
    const order = [...new Set(places.filter((place): place is string => typeof place === "string"))];
    const ours = [...new Set(asked[0]!.filter((id) => id >= cases.vocabulary))].sort((a, b) => a - b);
    const firstSeen = [...new Set(asked[0]!.filter((id) => id >= cases.vocabulary))];
    expect(ours.length).toBe(order.length);
    expect(asked[0]!.map((id) => (id >= cases.vocabulary ? order[firstSeen.indexOf(id)] : id))).toEqual(places);
  });
});

describe("what counts as a trigger", () => {
  const offered = made(["<cat>", 1], ["<cat>s", 1], ["art", 1], ["by A. Name (2)", 2], ["style-v1.0", 1], ["5", 1]);
  test.each([
    ["capitals count", "<CAT>", []],
    ["the longest", "<cat>s <cat>", ["<cat>s", "<cat>"]],
    ["no part of a word", "party", []],
    ["beside what is no letter", "art,art-art", ["art", "art", "art"]],
    ["characters of the grammar", "by A. Name (2)", ["by A. Name (2)", "by A. Name (2)-!pad-1"]],
    ["characters of the grammar with a weight", "(style-v1.0)1.5 art+", ["style-v1.0", "art"]],
    ["a weight is none", "(art)5 5", ["art", "5"]],
    ["the name of a LoRA is none", "withLora(style-v1.0,1) art", ["art"]],
  ])("%s: %s", async (_case, prompt, triggers) => {
    const words = offered.map(({ trigger }) => trigger);
    const tokens = await tokensOf(prompt, offered);
    expect(tokens.filter((token) => words.includes(token.replace(/-!pad-\d+$/, "")))).toEqual(triggers);
  });

  test("in brackets and in each part of a mixture", async () => {
    const { prompts } = await promptEncoder(offered);
    const { log, notes } = await prompts.encode({ ...USUAL, prompt: '("art", "<cat>").blend(1,1) [style-v1.0]' }, noWait);
    expect(log.texts.map(({ tokens }) => tokens)).toEqual([["art "], ["<cat> "], ["style-v1.0 "]]);
    expect(log.negative).toBe("style-v1.0");
    expect(notes).toEqual([]);
  });

  test("characters that stand for triggers while a prompt is read are no others of the prompt", async () => {
    const hidden = String.fromCodePoint(0xf0000);
    const { prompts } = await promptEncoder(offered);
    const { log } = await prompts.encode({ ...USUAL, prompt: `${hidden} style-v1.0` }, noWait);
    expect(log.prompt).toBe(`${hidden} style-v1.0`);
    expect(log.texts[0]?.tokens.at(-1)).toBe("style-v1.0 ");
  });
});

test("a weight moves all rows of an embedding", async () => {
  const { prompts } = await promptEncoder();
  const rows = async (prompt: string) => (await prompts.encode({ ...USUAL, prompt }, noWait)).positive;
  const width = (await parts).encoder.width;
  const [plain, weighted, empty] = [await rows("a by-somebody"), await rows("a (by-somebody)1.5"), await rows("")];
  for (const [row, weight] of [1, 1, 1.5, 1.5, 1].entries()) {
    for (let at = row * width; at < (row + 1) * width; at++) {
      expect(weighted[at]).toBeCloseTo(empty[at]! + weight * (plain[at]! - empty[at]!), 5);
    }
  }
});

describe("the vectors of an embedding stay together", () => {
  const offered = made(["<long>", 4]);
  const filled = (words: number) => "! ".repeat(words);

  test("where they fit exactly nothing is cut", async () => {
    const tokens = await tokensOf(`${filled(71)}<long>`, offered);
    expect(tokens.slice(71)).toEqual(["<long>", "<long>-!pad-1", "<long>-!pad-2", "<long>-!pad-3"]);
  });

  test("where they do not, they are left out with what follows, and that is noted", async () => {
    const { prompts } = await promptEncoder(offered);
    const { log, notes } = await prompts.encode({ ...USUAL, prompt: `${filled(72)}<long> !` }, noWait);
    expect(log.texts[0]?.tokens).toHaveLength(72);
    expect(notes.join()).toContain("5 token(s) too long");
  });

  test("a long prompt goes on with them in the next window", async () => {
    const { prompts, asked } = await promptEncoder(offered);
    const { tokens } = await prompts.encode({ ...USUAL, prompt: `${filled(72)}<long> !`, longPrompts: true }, noWait);
    const { eos } = (await parts).tokenizer;
    expect(tokens).toBe(2 * CLIP_LENGTH);
    expect(asked[0]!.slice(73)).toEqual([eos, eos, eos, eos]);
    expect(asked[1]!.slice(1, 5).every((id) => id >= cases.vocabulary)).toBe(true);
  });
});

describe("a note says so when", () => {
  test("what looks like a trigger is none", async () => {
    const { prompts } = await promptEncoder();
    const { notes } = await prompts.encode({ ...USUAL, prompt: "<nobody> and <cat-toy> <nobody> a < b > c" }, noWait);
    expect(notes).toEqual(["<nobody> is the trigger of no embedding that this model can use and is read as text"]);
  });

  test("the text encoder takes ids only", async () => {
    const { prompts } = await promptEncoder(undefined, { addTokens: undefined });
    const { notes } = await prompts.encode({ ...USUAL, prompt: "<cat-toy>" }, noWait);
    expect(notes.join()).toContain("<cat-toy> is read as text: the text encoder of an exported model");
  });

  test("the file cannot be read any more", async () => {
    const read = () => Promise.reject(new DreamError("file/not-found", "/x/cat.pt does not exist"));
    const { prompts } = await promptEncoder([{ trigger: "<cat>", vectors: 1, read }]);
    const { notes, log } = await prompts.encode({ ...USUAL, prompt: "<cat>" }, noWait);
    expect(notes).toEqual(["<cat> is read as text: /x/cat.pt does not exist"]);
    expect(log.texts[0]?.tokens.length).toBeGreaterThan(1);
  });
});

test("vectors are read when a prompt first uses them, and once", async () => {
  let reads = 0;
  const [embedding] = made(["<cat>", 1]);
  const { prompts } = await promptEncoder([
    {
      ...embedding!,
      read: () => {
        reads++;
        return embedding!.read();
      },
    },
  ]);
  await prompts.encode({ ...USUAL, prompt: "a dog" }, noWait);
  expect(reads).toBe(0);
  for (const prompt of ["<cat>", "<cat> <cat>", "a <cat>"]) await prompts.encode({ ...USUAL, prompt }, noWait);
  expect(reads).toBe(1);
});

test("a prompt is read anew when other embeddings are offered", async () => {
  const { prompts } = await promptEncoder([]);
  const tokens = async () => (await prompts.encode({ ...USUAL, prompt: "<cat>" }, noWait)).log.texts[0]?.tokens.length;
  expect(await tokens()).toBeGreaterThan(1);
  prompts.offerEmbeddings(made(["<cat>", 1]));
  expect(await tokens()).toBe(1);
});
