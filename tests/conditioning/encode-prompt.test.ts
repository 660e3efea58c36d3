import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "@jest/globals";
import { type Conditioning, PromptEncoder, type PromptRequest } from "../../lib/conditioning/encode-prompt.js";
import { CLIP_LENGTH, type ClipTokenizer, loadTokenizer } from "../../lib/conditioning/tokenizer.js";
import { openModel } from "../../lib/models/open-model.js";
import { createNetworks, type TextEncoder } from "../../lib/networks/network-sessions.js";
import { PACKAGE_ROOT } from "../../lib/package-root.js";
import { ORACLES } from "../oracles/read-oracle.js";

interface Summary {
  readonly windows: number;
  readonly absoluteSum: number;
  readonly values: readonly number[];
}

interface Case {
  readonly prompt: string;
  readonly clipSkip?: number;
  readonly longPrompts?: boolean;
  /** The encoder takes no mask. */
  readonly removed?: boolean;
  readonly positive: Summary;
  readonly negative: Summary;
}

const TOLERANCE = 1e-4;
const FOLDER = path.join(PACKAGE_ROOT, "configs", "models", "crayon");
const { cases } = JSON.parse(readFileSync(path.join(ORACLES, "conditioning", "cases.json"), "utf8")) as { cases: readonly Case[] };

const parts = (async (): Promise<{ tokenizer: ClipTokenizer; encoder: TextEncoder }> => {
  const model = await openModel(FOLDER);
  if (model.layout === "onnx") throw new Error("the embedded model is a folder of weights");
  const { textEncoder } = await createNetworks(model, { threads: 1, memory: "fast", modelCache: "off", seamless: "" });
  return { tokenizer: await loadTokenizer(path.join(FOLDER, "tokenizer")), encoder: textEncoder };
})();

async function encode(request: Partial<PromptRequest>, changes: Partial<TextEncoder> = {}): Promise<Conditioning> {
  const { tokenizer, encoder } = await parts;
  return new PromptEncoder(tokenizer, { ...encoder, ...changes }).encode(
    { prompt: "", clipSkip: 0, cfgScale: 7.5, ...request },
    async () => {},
  );
}

function expectSummary(embedding: Float32Array, { windows, absoluteSum, values }: Summary): void {
  const width = embedding.length / windows / CLIP_LENGTH;
  expect(Number.isInteger(width)).toBe(true);
  const step = Math.floor(embedding.length / 8);
  const largest = embedding.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  for (const [index, value] of values.entries()) {
    expect(Math.abs((embedding[2 + index * step] as number) - value) / largest).toBeLessThan(TOLERANCE);
  }
  const sum = embedding.reduce((total, value) => total + Math.abs(value), 0);
  expect(Math.abs(sum - absoluteSum) / absoluteSum).toBeLessThan(TOLERANCE);
}

test.each(cases.map((one, index) => ({ ...one, name: `${index + 1}: ${one.prompt.slice(0, 60)}` })))(
  "as compel encodes $name",
  async (one) => {
    const { prompt, clipSkip, longPrompts, removed } = one;
    const canHide = removed ? { canHide: async () => false } : {};
    const { positive, negative, tokens } = await encode({ prompt, clipSkip: clipSkip ?? 0, longPrompts }, canHide);
    expect(tokens).toBe(one.positive.windows * CLIP_LENGTH);
    expectSummary(positive, one.positive);
    expectSummary(negative, one.negative);
  },
);

test("a plain prompt is what the text encoder answers, bit for bit", async () => {
  const { tokenizer, encoder } = await parts;
  const { positive, negative } = await encode({ prompt: "a red star, above a green house [a fish]" });
  expect(positive).toEqual(await encoder.encode(tokenizer.encodePadded("a red star, above a green house").ids, 1, 0));
  expect(negative).toEqual(await encoder.encode(tokenizer.encodePadded("a fish").ids, 1, 0));
});

test("with a scale of 1 the negative prompt is not encoded", async () => {
  const { encoder } = await parts;
  let runs = 0;
  const counting: TextEncoder["encode"] = (...given) => {
    runs++;
    return encoder.encode(...given);
  };
  const { positive, negative } = await encode({ prompt: "a star [a fish]", cfgScale: 1 }, { encode: counting });
  expect(negative).toBe(positive);
  expect(runs).toBe(1);
});

test("what was encoded for one picture is there for the next", async () => {
  const { tokenizer, encoder } = await parts;
  let runs = 0;
  const counting: TextEncoder["encode"] = (...given) => {
    runs++;
    return encoder.encode(...given);
  };
  const prompts = new PromptEncoder(tokenizer, { ...encoder, encode: counting });
  const request = { prompt: "a (red)1.2 star, (big)0.5 [fish]", clipSkip: 0, cfgScale: 7.5 };
  const first = await prompts.encode(request, async () => {});
  const before = runs;
  expect((await prompts.encode(request, async () => {})).positive).toEqual(first.positive);
  expect(before).toBeGreaterThan(3);
  expect(runs).toBe(before);
});

test("a weight of 0.5 lies half-way between the scaled text and the text without it", async () => {
  const whole = await encode({ prompt: "a star (x)0.5" });
  expect(whole.positive.every(Number.isFinite)).toBe(true);
  const none = await encode({ prompt: "a star (x)0" });
  expect(whole.positive).not.toEqual(none.positive);
});

test("a cancel comes between two runs of the text encoder", async () => {
  const { tokenizer, encoder } = await parts;
  let calls = 0;
  const between = async () => {
    calls++;
    if (calls === 3) throw new Error("cancelled");
  };
  const request = { prompt: "a (red)0.5 star", clipSkip: 0, cfgScale: 7.5 };
  await expect(new PromptEncoder(tokenizer, encoder).encode(request, between)).rejects.toThrow("cancelled");
  expect(calls).toBe(3);
});

const words = (count: number) => Array.from({ length: count }, () => "star").join(" ");

test.each([
  ["a cat", {}, []],
  [words(75), {}, []],
  [
    `${words(75)} red house`,
    {},
    [/^The prompt is 2 token\(s\) too long and has been truncated: "red house" is left out; --long_prompts keeps it$/],
  ],
  [`${words(75)} red house`, { longPrompts: true }, []],
  [`cat [${words(75)} red house]`, {}, [/^The negative prompt is 2 token\(s\) too long .*"red house" is left out/]],
  [`("cat", "${words(75)} red house").blend()`, {}, [/^The prompt, blended part 2, is 2 token\(s\) too long/]],
  [`("cat", "${words(75)} red house").and()`, {}, [/^Part 2 of \.and\(\) is 2 token\(s\) too long/]],
  [words(75 * 16 + 1), { longPrompts: true }, [/^The prompt is 1 token\(s\) too long .*"star" is left out$/]],
  ["a cat.swap(dog)", {}, []],
  ["a cat.swap(dog, s_end=0.3) and a cat.swap(dog)", {}, []],
  ["a cat.swap(dog) [fog.swap(rain)]", {}, [/^\.swap\(\) is not possible in \[brackets\]; the original words are used$/]],
  ["a cat.swap(dog, s_end=0.3) and a cat.swap(dog, s_end=0.4)", {}, [/^the first \.swap\(\) with options speaks for all/]],
  [
    `fish.swap(moon) ${words(75)}`,
    {},
    [/^The prompt is 1 token\(s\) too long/, /^The prompt with the words of \.swap\(\) is 1 token\(s\) too long/],
  ],
  ["a:1 b:-1", {}, [/^Subprompt weights add up to zero/]],
] as const)("notes on %.40s", async (prompt, settings, expected) => {
  const { notes } = await encode({ prompt, ...settings }, { encode: async () => new Float32Array(77) });
  expect(notes).toHaveLength(expected.length);
  for (const [index, pattern] of expected.entries()) expect(notes[index]).toMatch(pattern);
});

test("no more than sixteen windows are made of any prompt", async () => {
  const blank = { encode: async () => new Float32Array(77) };
  const { tokens } = await encode({ prompt: words(20_000), longPrompts: true }, blank);
  expect(tokens).toBe(16 * 77);
  const joined = await encode({ prompt: `(${Array.from({ length: 30 }, (_, i) => `"a ${i}"`).join(", ")}).and()` }, blank);
  expect(joined.tokens).toBe(16 * 77);
  expect(joined.notes).toEqual([".and() joins 30 prompts; only the first 16 count"]);
});

test("-x keeps the weights of a mixture", async () => {
  const kept = await encode({ prompt: "a star:2 a fish:1", skipNormalize: true });
  const explicit = await encode({ prompt: '("a star", "a fish").blend(2, 1, no_normalize)' });
  const normalized = await encode({ prompt: "a star:2 a fish:1" });
  expect(kept.positive).toEqual(explicit.positive);
  expect(normalized.positive).not.toEqual(kept.positive);
});

test("both sides of .swap() are encoded", async () => {
  const swapped = await encode({ prompt: "a (red star).swap((blue)1.3 fish) above a house" });
  expect(swapped.positive).toEqual((await encode({ prompt: "a red star above a house" })).positive);
  expect(swapped.swap?.edited).toEqual((await encode({ prompt: "a (blue)1.3 fish above a house" })).positive);
  expect(swapped.log.texts.map(({ label }) => label)).toEqual(["(.swap originals)", "(.swap replacements)"]);
});

test("the tokens that a swap leaves alone are found on both sides", async () => {
  const { swap } = await encode({ prompt: "a (star).swap(big blue fish) above" });
  // Begin, a, big blue fish, above, end, padding.
  expect([...(swap?.sources ?? [])]).toEqual([0, 1, -1, -1, -1, 3, 4, ...new Array<number>(70).fill(-1)]);
});

test("a prompt without .swap() has no edited side", async () => {
  expect((await encode({ prompt: "a star [a cat.swap(dog)]" })).swap).toBeUndefined();
});

test("clip skip leaves the negative prompt alone", async () => {
  const skipped = await encode({ prompt: "a star [a fish]", clipSkip: 1 });
  const usual = await encode({ prompt: "a star [a fish]" });
  expect(skipped.positive).not.toEqual(usual.positive);
  expect(skipped.negative).toEqual(usual.negative);
});

test("clip skip beyond the first layer is refused", async () => {
  await expect(encode({ prompt: "a star", clipSkip: 11 })).rejects.toThrow(
    /^--clip_skip 12 is not possible: the text encoder of this model has \d+ layers$/,
  );
});
