import { mkdtempSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "@jest/globals";
import { PromptEncoder } from "../../lib/conditioning/encode-prompt.js";
import { TriggerFinder } from "../../lib/conditioning/find-triggers.js";
import type { PromptEmbedding } from "../../lib/conditioning/prompt-embeddings.js";
import { CLIP_LENGTH, loadTokenizer } from "../../lib/conditioning/tokenizer.js";
import { EmbeddingLibrary } from "../../lib/models/embeddings/embedding-library.js";
import type { TextEncoder } from "../../lib/networks/network-sessions.js";
import { join, legacyFile, legacyStorage, pickle, text } from "../support/pickle-bytes.js";
import { processorTime } from "../support/processor-time.js";
import { safetensorsBytes } from "../support/safetensors-bytes.js";
import { temporaryFolder } from "../support/temporary-folder.js";
import { torchZip, zipBytes } from "../support/zip-bytes.js";

const WIDTH = 4;
const root = await temporaryFolder();
const tokenizer = await loadTokenizer();

const tensor = pickle.tensor(pickle.storage("0", WIDTH), 0, [WIDTH], [1]);
const data = { "0": new Uint8Array(4 * WIDTH) };
const embedding = (name: string) => torchZip(pickle.of(pickle.dictionary({ [name]: tensor })), data);

/** Every file, and what the notice about it must say. */
const HOSTILE: Readonly<Record<string, readonly [bytes: Uint8Array, words: string]>> = {
  "command.pt": [torchZip(pickle.of(pickle.call("os", "system", pickle.text("true")))), "asks to run os.system"],
  "beside.bin": [
    torchZip(pickle.of(pickle.dictionary({ "<x>": tensor, evil: pickle.call("builtins", "eval", pickle.text("1")) })), data),
    "asks to run builtins.eval",
  ],
  "renamed.safetensors": [embedding("<x>"), "a ZIP archive"],
  "renamed.pt": [safetensorsBytes({ "<x>": { shape: [WIDTH] } }), "no file of tensors"],
  "list.pt": [torchZip(pickle.of(join([0x5d]))), "holds no embedding"],
  "empty.pt": [torchZip(pickle.of(join([0x7d]))), "holds no embedding"],
  "parameters.pt": [torchZip(pickle.of(pickle.dictionary({ string_to_param: pickle.integer(1) }))), "holds no tensor"],
  "lying.pt": [torchZip(pickle.of(pickle.dictionary({ a: pickle.tensor(pickle.storage("0", WIDTH), 0, [9], [1]) })), data), "only 4"],
  "half.bin": [embedding("<x>").subarray(0, 300), "cut short"],
  "legacy.bin": [legacyFile(pickle.of(pickle.dictionary({ a: tensor })), ["0"], [legacyStorage(WIDTH, 3)]), "cut short"],
  "bomb.pt": [zipBytes([{ name: "a/data.pkl", data: new Uint8Array(1e6), deflate: true, bytes: 2 ** 31 }]), "can unfold"],
  "text.bin": [text("<html>"), "no file of tensors"],
};

test.each(Object.entries(HOSTILE))("%s is named, and the others are used", async (name, [bytes, words]) => {
  const folder = mkdtempSync(path.join(root, "case-"));
  writeFileSync(path.join(folder, name), bytes);
  writeFileSync(path.join(folder, "zz-good.pt"), embedding("<good>"));
  const library = new EmbeddingLibrary();
  await library.refresh(folder);
  const { embeddings, notices } = library.offer(WIDTH);
  expect(embeddings.map(({ trigger }) => trigger)).toEqual(["<good>"]);
  expect(notices).toEqual([expect.stringContaining(words)]);
  expect(notices[0]).toContain(path.join(folder, name));
});

/** A text encoder that only counts. */
function countingEncoder(): TextEncoder {
  let rows = tokenizer.size;
  return {
    width: WIDTH,
    encode: async (ids) => new Float32Array(ids.length * WIDTH),
    addTokens: (vectors) => {
      rows += vectors.length / WIDTH;
      return rows - vectors.length / WIDTH;
    },
    canHide: async () => true,
    release: async () => {},
  };
}

const made = (trigger: string, vectors = 1): PromptEmbedding => ({
  trigger,
  vectors,
  read: async () => new Float32Array(vectors * WIDTH),
});

async function encode(prompt: string, embeddings: readonly PromptEmbedding[]) {
  const prompts = new PromptEncoder(tokenizer, countingEncoder());
  prompts.offerEmbeddings(embeddings);
  return prompts.encode({ prompt, clipSkip: 0, cfgScale: 7.5, longPrompts: true }, async () => {});
}

test.each([
  ["a trigger like an operator", ").blend(1,1", '("a", "b").blend(1,1)'],
  ["a trigger like a negative prompt", "[a]", "a star [a]"],
  ["a trigger of signs", "++--", "a star++-- b"],
  ["a trigger that is a weight", "1.1", "(a star)1.1"],
  ["a trigger of one blank letter", "\u3000a", "\u3000a \u3000a"],
  ["a trigger of half a character", "\ud83d", "\ud83d\ude00 \ud83d"],
  ["a trigger of private characters", "\u{f0000}-a", "\u{f0000} \u{f0000}-a \u{f0001}"],
])("%s harms no prompt", async (_case, trigger, prompt) => {
  const { tokens, positive } = await encode(prompt, [made(trigger, 3)]);
  expect(positive.length).toBe(tokens * WIDTH);
  expect(tokens % CLIP_LENGTH).toBe(0);
});

test("many triggers in a long prompt are found in a moment", () => {
  const triggers = Array.from({ length: 2000 }, (_, i) => `${"a".repeat(150)}${i}-<`);
  const finder = new TriggerFinder(triggers.map((trigger) => [trigger, trigger]));
  const milliseconds = processorTime(() => {
    expect(finder.find(" a".repeat(1000) + "a".repeat(100_000)).length).toBe(0);
    expect(finder.find(`${triggers[7]} `.repeat(500)).length).toBe(500);
  });
  expect(milliseconds).toBeLessThan(3000);
});

test("thousands of unknown names end in ten notes", async () => {
  const { notes } = await encode(Array.from({ length: 5000 }, (_, i) => `<name${i}>`).join(" "), [made("<x>")]);
  expect(notes.length).toBe(10);
});
