import { beforeAll, expect, test } from "@jest/globals";
import { PromptEncoder } from "../../lib/conditioning/encode-prompt.js";
import { type ClipTokenizer, loadTokenizer } from "../../lib/conditioning/tokenizer.js";
import type { TextEncoder } from "../../lib/networks/network-sessions.js";

const WIDTH = 4;
/** Windows of one prompt at most, tokens in each, and prompts of one mixture. */
const WINDOWS = 16;
const TOKENS = 75;
const PARTS = 100;

let tokenizer: ClipTokenizer;
beforeAll(async () => {
  tokenizer = await loadTokenizer();
});

/** Answers at once, with numbers that depend on the tokens. */
function countingEncoder(canHide: boolean): TextEncoder & { runs: number } {
  return {
    width: WIDTH,
    runs: 0,
    async encode(ids) {
      this.runs++;
      return Float32Array.from({ length: 77 * WIDTH }, (_, i) => (ids[Math.floor(i / WIDTH)] as number) / 50_000);
    },
    canHide: async () => canHide,
    async release() {},
  };
}

const many = (count: number, text: string) => text.repeat(count);

test.each([
  ["a megabyte of words", many(200_000, "cat "), WINDOWS + 1],
  ["words without end", many(300_000, "x"), WINDOWS + 1],
  ["fading words", many(20_000, "cat- dog-- "), WINDOWS * (TOKENS + 2)],
  ["nothing but fading blanks", many(10_000, "()- "), 20],
  [
    "a mixture of fading words",
    `(${Array.from({ length: PARTS }, (_, i) => `"${many(40, `cat- ${i}-- `)}"`).join(",")}).blend()`,
    PARTS * 200,
  ],
  ["thousands of joined prompts", `(${Array.from({ length: 3000 }, (_, i) => `"a ${i}"`).join(",")}).and()`, WINDOWS + 2],
  ["weights beyond single precision", "(cat)1e300 (dog)-1e300 [(fog)1e-300]", 10],
  ["special tokens", many(1000, "<|endoftext|>- <|startoftext|>+ "), WINDOWS * (TOKENS + 2)],
])("%s: a bounded number of runs and windows", async (_what, prompt, most) => {
  for (const canHide of [true, false]) {
    const encoder = countingEncoder(canHide);
    const request = { prompt, longPrompts: true, clipSkip: 0, cfgScale: 7.5 };
    const { positive, negative, tokens, notes } = await new PromptEncoder(tokenizer, encoder).encode(request, async () => {});
    expect(tokens).toBeLessThanOrEqual(WINDOWS * 77);
    expect([positive.length, negative.length]).toEqual([tokens * WIDTH, tokens * WIDTH]);
    expect(encoder.runs).toBeLessThanOrEqual(canHide ? most : most * WINDOWS);
    expect(notes.length).toBeLessThanOrEqual(10);
    expect(notes.every((note) => note.length < 500)).toBe(true);
  }
});

test("the log of a megabyte names what fits and a thousand of the rest", async () => {
  const encoder = countingEncoder(true);
  const { log } = await new PromptEncoder(tokenizer, encoder).encode(
    { prompt: many(50_000, "cat "), clipSkip: 0, cfgScale: 7.5 },
    async () => {},
  );
  expect(log.texts.map(({ tokens, discarded }) => [tokens.length, discarded.length])).toEqual([[TOKENS, 1000]]);
});
