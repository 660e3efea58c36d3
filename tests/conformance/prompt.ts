import { parseLegacyBlend } from "../../lib/prompt/legacy-blend.js";
import { splitNegative } from "../../lib/prompt/negative.js";
import { parseConjunction } from "../../lib/prompt/parse-conjunction.js";
import { parsePrompt } from "../../lib/prompt/parse-prompt.js";
import { normalizeWeights, splitWeights } from "../../lib/prompt/split-weights.js";
import type { Fragment, LoraUse, Prompt, PromptNote, SwapOptions } from "../../lib/prompt/tree.js";
import type { CaseResult, ConformanceKind } from "./kind.js";

interface PromptCase {
  readonly mode: "parse" | "legacy_blend" | "split_weights" | "split_negative" | "full";
  readonly prompt: string;
  readonly skip_normalize?: boolean;
  /** Plain data, or `{"error": class}`. */
  readonly expect: unknown;
}

/** What we make of a case, in the reference's form, and what we told about it. */
interface Outcome {
  readonly value: unknown;
  readonly notes: readonly PromptNote[];
}

const TOLERANCE = 1e-9;
/** The reference's name of an error that is semantic, or syntax; every other one is a crash of its own. */
const REFUSALS: Readonly<Record<string, PromptNote["kind"]>> = { ParsingException: "semantic", ParseException: "syntax" };
/** Swap options by the names of the language; the others of a case are the code's own defaults and are not compared. */
const SWAP_OPTIONS: Readonly<Record<string, keyof SwapOptions>> = { s_start: "sStart", s_end: "sEnd", t_start: "tStart", t_end: "tEnd" };

/** KIND `prompt`: one JSON object a line. `expect22` is for information. */
export const runPromptCases: ConformanceKind = async (text) => {
  const results: CaseResult[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    const example = JSON.parse(line) as PromptCase;
    if (typeof example.prompt !== "string" || example.expect === undefined || !Object.hasOwn(MODES, example.mode)) {
      throw new Error(`this is no case: ${line.slice(0, 100)}`);
    }
    results.push(runCase(example, `line ${index + 1} ${example.mode} ${JSON.stringify(example.prompt.slice(0, 80))}`));
  }
  return results;
};

function runCase(example: PromptCase, name: string): CaseResult {
  const { expect: expected } = example;
  try {
    const { value, notes } = MODES[example.mode](example);
    const got = refusalOf(notes) ?? value;
    return agrees(expected, value, notes) ? { name } : { name, difference: { expected, got } };
  } catch (error) {
    return { name, difference: { expected, got: `threw ${String(error)}` } };
  }
}

function refusalOf(notes: readonly PromptNote[]): object | undefined {
  const refusal = notes.find(({ kind }) => kind !== "hint");
  return refusal && { error: refusal.kind };
}

function agrees(expected: unknown, value: unknown, notes: readonly PromptNote[]): boolean {
  const error = isRecord(expected) && typeof expected.error === "string" ? expected.error : undefined;
  // An IndexError is the reference falling over a prompt without words: nothing is thrown here.
  if (error === "IndexError") return true;
  if (error !== undefined) return notes.some(({ kind }) => (REFUSALS[error] ?? "semantic") === kind);
  return refusalOf(notes) === undefined && same(expected, value);
}

const MODES: Readonly<Record<PromptCase["mode"], (example: PromptCase) => Outcome>> = {
  parse: ({ prompt }) => {
    const { prompts, weights, loras, notes } = parseConjunction(prompt);
    return { value: { prompts: prompts.map(plain), weights, ...lorasOf(loras) }, notes };
  },
  legacy_blend: ({ prompt, skip_normalize = false }) => {
    const blend = parseLegacyBlend(prompt, skip_normalize);
    return blend ? { value: { ...plain(blend.prompt), ...lorasOf(blend.loras) }, notes: blend.notes } : { value: null, notes: [] };
  },
  split_weights: ({ prompt, skip_normalize = false }) => {
    const parts = splitWeights(prompt);
    return { value: (skip_normalize ? parts : normalizeWeights(parts)).map(({ text, weight }) => [text, weight]), notes: [] };
  },
  split_negative: ({ prompt }) => ({ value: splitNegative(prompt), notes: [] }),
  full: ({ prompt, skip_normalize = false }) => {
    const { positive, negative, loras, notes } = parsePrompt(prompt, { skipNormalize: skip_normalize });
    const ignored_prompts = positive.prompts.length - 1;
    return { value: { positive: plain(positive.prompts[0]!), negative: plain(negative), ignored_prompts, ...lorasOf(loras) }, notes };
  },
};

function lorasOf(loras: readonly LoraUse[]): object {
  return loras.length > 0 ? { loras: loras.map(({ name, weight }) => [name, weight]) } : {};
}

function plain(prompt: Prompt): object {
  return prompt.kind === "flat"
    ? { frags: prompt.fragments.map(plainFragment) }
    : { blend: prompt.prompts.map(plain), weights: prompt.weights, normalize: prompt.normalize };
}

function plainFragment(fragment: Fragment): unknown {
  if (fragment.kind === "text") return [fragment.text, fragment.weight];
  const { original, edited, options } = fragment;
  const given = Object.entries(SWAP_OPTIONS).flatMap(([name, key]) => (options[key] === undefined ? [] : [[name, options[key]]]));
  return { swap: [original.map(plainFragment), edited.map(plainFragment)], opts: Object.fromEntries(given) };
}

/** Equal but for rounding; options that ours does not have were not given. */
function same(expected: unknown, got: unknown): boolean {
  if (typeof expected === "number") return typeof got === "number" && Math.abs(expected - got) <= TOLERANCE;
  if (Array.isArray(expected)) {
    return Array.isArray(got) && expected.length === got.length && expected.every((value, i) => same(value, got[i]));
  }
  if (!isRecord(expected) || !isRecord(got)) return expected === got;
  const { opts: expectedOptions, ...expectedRest } = expected;
  const { opts, ...rest } = got;
  const keys = new Set([...Object.keys(expectedRest), ...Object.keys(rest)]);
  return [...keys].every((key) => same(expectedRest[key], rest[key])) && sameOptions(expectedOptions, opts);
}

function sameOptions(expected: unknown, got: unknown): boolean {
  if (!isRecord(expected) || !isRecord(got)) return expected === got;
  return Object.entries(got).every(([name, value]) => same(expected[name], value));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
