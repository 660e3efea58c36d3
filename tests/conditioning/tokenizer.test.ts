import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { loadTokenizer } from "../../lib/conditioning/tokenizer.js";
import { PACKAGE_ROOT } from "../../lib/package-root.js";
import { runTokenizerCases } from "../conformance/tokenizer.js";

const ORACLES = join(PACKAGE_ROOT, "tests", "oracles", "tokenizer");
const clip = await loadTokenizer();

test("every text of the reference table has transformers' ids", async () => {
  const results = await runTokenizerCases(await readFile(join(ORACLES, "cases.jsonl"), "utf8"));
  expect(results.length).toBeGreaterThan(250);
  expect(results.filter((result) => result.difference)).toEqual([]);
});

test("the packaged vocabulary is CLIP's", () => {
  expect(clip).toMatchObject({ size: 49408, bos: 49406, eos: 49407, pad: 49407 });
  expect(clip.encode("a photo of a cat")).toEqual([320, 1125, 539, 320, 2368]);
});

test("a prompt is framed, padded and cut to the encoder's length", () => {
  const short = clip.encodePadded("a cat");
  expect([...short.ids.slice(0, 5)]).toEqual([49406, 320, 2368, 49407, 49407]);
  expect(short.ids).toHaveLength(77);
  expect(short.discarded).toEqual([]);
  const long = clip.encodePadded(`${"cat ".repeat(75)}dog bird`);
  expect([long.ids[75], long.ids[76]]).toEqual([2368, 49407]);
  expect(long.discarded).toEqual(clip.encode("dog bird"));
  expect([...clip.encodePadded("cat dog", 3).ids]).toEqual([49406, 2368, 49407]);
});

test("a folder decides the padding token, and a caller may", async () => {
  const small = await loadTokenizer(join(ORACLES, "small"));
  expect(small.pad).toBe(0);
  expect(small.encodePadded("", 4).ids).toEqual(Int32Array.of(small.bos, small.eos, 0, 0));
  const openClip = await loadTokenizer(undefined, 0);
  expect(openClip.pad).toBe(0);
  // As with the tokenizer folders of SD 2.x: the padding token is found wherever it stands.
  expect(openClip.encode("hi!")).toEqual([...clip.encode("hi"), 0]);
});

test("tokens can be read", () => {
  const read = (text: string) => clip.encode(text).map((id) => clip.decodeToken(id));
  expect(read("an astronaut!")).toEqual(["an ", "astronaut ", "! "]);
  expect(read("café").join("")).toBe("café ");
  expect(clip.decodeToken(49407)).toBe("<|endoftext|>");
  expect(clip.decodeToken(1e9)).toBe("");
});

test("lone surrogates are replaced", () => {
  expect(clip.encode("a\ud800b")).toEqual(clip.encode("a\ufffdb"));
});

test.each([
  ["one long word", "abcdefghij".repeat(10_000)],
  ["one long run of signs", "?!".repeat(50_000)],
  ["many words", "word cat ".repeat(11_000)],
  ["many different words", Array.from({ length: 20_000 }, (_, i) => `w${i}x`).join(" ")],
  ["many emoji", "🎉🐈".repeat(25_000)],
  ["many special tokens", "<|endoftext|>".repeat(8_000)],
])("%s of 100,000 characters take no noticeable time", (_, text) => {
  const start = performance.now();
  expect(clip.encode(text).length).toBeGreaterThan(1000);
  expect(performance.now() - start).toBeLessThan(5000);
});
