import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { loadTokenizer } from "../../lib/conditioning/tokenizer.js";
import { temporaryFolder } from "../support/temporary-folder.js";

const root = await temporaryFolder();
const VOCABULARY = { "<|startoftext|>": 0, "<|endoftext|>": 1, a: 2, "a</w>": 3, "aa</w>": 4 };
let count = 0;

async function folderWith(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = join(root, String(count++));
  await mkdir(folder);
  const all = { "vocab.json": JSON.stringify(VOCABULARY), "merges.txt": "#version: 0.2\na a</w>\n", ...files };
  for (const [name, text] of Object.entries(all)) if (text !== "") await writeFile(join(folder, name), text);
  return folder;
}

test.each([
  ["vocab.json", "{", "not valid JSON"],
  ["vocab.json", "[]", "JSON object"],
  ["vocab.json", '{"a":-1}', "no valid id"],
  ["vocab.json", '{"a":1e300}', "no valid id"],
  ["vocab.json", '{"a":"1"}', "no valid id"],
  ["vocab.json", '{"__proto__":{"a":1}}', "no valid id"],
  ["vocab.json", '{"a":0}', "no token"],
  ["merges.txt", "a\n", "no pair"],
  ["merges.txt", "a a a\n", "no pair"],
  ["merges.txt", "a constructor\n", "no token"],
  ["merges.txt", "a a\n", 'no token "aa"'],
  ["special_tokens_map.json", '{"pad_token":"[PAD]"}', 'no token "[PAD]"'],
  ["tokenizer_config.json", "[", "not valid JSON"],
])("%s with %s is refused", async (name, text, words) => {
  const folder = await folderWith({ [name]: text });
  await expect(loadTokenizer(folder)).rejects.toMatchObject({ code: "tokenizer/vocabulary", message: expect.stringContaining(words) });
});

test("a missing file is named", async () => {
  await expect(loadTokenizer(await folderWith({ "merges.txt": "" }))).rejects.toMatchObject({
    message: expect.stringContaining("merges.txt"),
  });
  await expect(loadTokenizer(join(root, "nowhere"))).rejects.toMatchObject({ message: expect.stringContaining("vocab.json") });
});

test("bytes that a vocabulary lacks become the unknown token", async () => {
  const tokenizer = await loadTokenizer(await folderWith({}));
  expect(tokenizer.encode("aa ab constructor")).toEqual([4, 2, 1, ...new Array(11).fill(1)]);
});

test("tokenizer.json alone is enough, with merges in either spelling", async () => {
  for (const merge of ["a a</w>", ["a", "a</w>"]]) {
    const combined = JSON.stringify({ model: { vocab: VOCABULARY, merges: [merge] } });
    const folder = await folderWith({ "vocab.json": "", "merges.txt": "", "tokenizer.json": combined });
    expect((await loadTokenizer(folder)).encode("aa")).toEqual([4]);
  }
  const folder = await folderWith({ "vocab.json": "", "tokenizer.json": '{"model":{}}' });
  await expect(loadTokenizer(folder)).rejects.toMatchObject({
    code: "tokenizer/vocabulary",
    message: expect.stringContaining("no BPE model"),
  });
});

test("a padding token may hold the signs of patterns", async () => {
  const vocabulary = JSON.stringify({ ...VOCABULARY, "(a+)+$[": 5 });
  const tokenizer = await loadTokenizer(await folderWith({ "vocab.json": vocabulary, "tokenizer_config.json": '{"pad_token":"(a+)+$["}' }));
  expect(tokenizer.encode("(a+)+$[a")).toEqual([5, 3]);
});
