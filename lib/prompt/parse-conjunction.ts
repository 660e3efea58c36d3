import { hasContent } from "./characters.js";
import { Findings, flatten } from "./flatten.js";
import type { GrammarOptions } from "./grammar.js";
import { DEEPEST, MOST_PARTS } from "./limits.js";
import { type Item, type Root, readRoot } from "./root-grammar.js";
import { shorten } from "./shorten.js";
import { someConstruct } from "./syntax-tree.js";
import {
  type BlendPrompt,
  type Conjunction,
  EMPTY_PROMPT,
  type FlatPrompt,
  type Fragment,
  type LoraUse,
  literalPrompt,
  type Prompt,
  type PromptNote,
} from "./tree.js";

/** A text read with the whole grammar. */
export interface ParsedConjunction extends Conjunction {
  readonly loras: readonly LoraUse[];
  readonly notes: readonly PromptNote[];
}

/** More of one kind are not looked at. */
const MOST_HINTS = 20;
/** Literal words that a hint names. */
const NAMED_WORDS = 3;

/**
 * Reads attention, quotations, `.swap`, `.blend`, `.and` and `withLora`. Any text is read: a construct that is not possible makes the whole
 * text literal, with a note of the kind of refusal.
 *
 * @returns no prompts when the text holds nothing but empty brackets or LoRAs
 */
export function parseConjunction(text: string, options: GrammarOptions = {}): ParsedConjunction {
  if (!hasContent(text)) return { prompts: [EMPTY_PROMPT], weights: [1], loras: [], notes: [] };
  const root = readRoot(text, options);
  const findings = new Findings();
  try {
    const conjunction = assemble(root, findings);
    return { ...conjunction, loras: findings.loras, notes: hintsOf(root, findings) };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { prompts: [literalPrompt(text)], weights: [1], loras: [], notes: [{ kind: error.kind, text: error.message }] };
  }
}

/** Why a text cannot be what it looks like. Never leaves this file. */
class Refusal extends Error {
  constructor(
    readonly kind: "semantic" | "syntax",
    what: string,
  ) {
    super(`${what}; the whole prompt is taken as plain text.`);
  }
}

function assemble(root: Root, findings: Findings): Conjunction {
  if (root.items.length > MOST_PARTS) throw new Refusal("semantic", `More than ${MOST_PARTS} prompts cannot be joined`);
  const conjunction = root.kind === "mixture" ? assembleBlend(root, findings) : assembleParts(root, findings);
  const [overflowing] = findings.overflowing;
  if (overflowing !== undefined) throw new Refusal("semantic", `The weight of "${shorten(overflowing)}" is too large`);
  return conjunction;
}

function assembleParts(root: Root, findings: Findings): Conjunction {
  const weights = root.kind === "conjunction" ? readWeights(root, ".and()") : [1];
  if (root.kind === "prompt" && root.rest !== "") throw refuseRest(root.rest);
  const parts = root.items.map((item, i) => ({ prompt: flatPrompt(item, findings), weight: weights[i] ?? 1 }));
  const filled = parts.filter(({ prompt }) => prompt !== undefined);
  return { prompts: filled.map(({ prompt }) => prompt as Prompt), weights: filled.map(({ weight }) => weight) };
}

function assembleBlend(root: Root, findings: Findings): Conjunction {
  const normalize = root.options.at(-1)?.name !== "no_normalize";
  const weights = readWeights({ ...root, options: normalize ? root.options : root.options.slice(0, -1) }, ".blend()");
  if (root.items.some(holdsSwap)) throw new Refusal("semantic", ".swap() is not possible inside .blend()");
  if (root.rest !== "") throw refuseRest(root.rest);
  flatten(root.loras, findings);
  const prompts = root.items.map((item) => flatPrompt(item, findings)).filter((prompt) => prompt !== undefined);
  const given = weights.length > 0 ? weights : root.items.map(() => 1);
  return { prompts: [makeBlend(prompts, given, normalize)], weights: [1] };
}

/** Whether a swap stands in it directly; one inside of weighted brackets is found later. */
function holdsSwap(item: Item): boolean {
  return someConstruct(item, ({ kind }) => kind === "swap");
}

/** @throws Refusal when the prompts are not for a blend */
function makeBlend(prompts: readonly FlatPrompt[], weights: readonly number[], normalize: boolean): BlendPrompt {
  if (prompts.length !== weights.length) {
    throw new Refusal("semantic", `.blend() has ${count(weights.length, "weight")} for ${count(prompts.length, "prompt")} with words`);
  }
  if (prompts.some(({ fragments }) => fragments.some(isSwap))) throw new Refusal("semantic", ".swap() is not possible inside .blend()");
  return { kind: "blend", prompts, weights, normalize };
}

function isSwap({ kind }: Fragment): boolean {
  return kind === "swap";
}

function flatPrompt(item: Item, findings: Findings): FlatPrompt | undefined {
  const fragments = flatten(item, findings);
  return fragments.length > 0 ? { kind: "flat", fragments } : undefined;
}

/** @returns one for each item, or none when none were given */
function readWeights({ items, options }: Root, operator: string): number[] {
  const weights = options.map(({ name, value }) => (name === "" ? Number(value) : Number.NaN));
  const wrong = weights.findIndex((weight) => !Number.isFinite(weight));
  if (wrong >= 0) throw new Refusal("semantic", `${operator} takes numbers, and its weight ${wrong + 1} is none`);
  if (weights.length > 0 && weights.length !== items.length) {
    throw new Refusal("semantic", `${operator} has ${count(weights.length, "weight")} for ${count(items.length, "prompt")}`);
  }
  return weights;
}

function refuseRest(rest: string): Refusal {
  const named = shorten(rest);
  return new Refusal("syntax", `${named === "" ? "A control character" : `"${named}"`} may not stand there`);
}

function hintsOf(root: Root, findings: Findings): PromptNote[] {
  const hints = findings.hints.slice(0, MOST_HINTS);
  if (root.kind === "conjunction" && root.rest !== "") hints.push(`The text behind .and() is ignored: "${shorten(root.rest)}".`);
  if (root.tooDeep) hints.push(`Brackets more than ${DEEPEST} deep are taken as text.`);
  const words = [...new Set(findings.literalWords.slice(0, MOST_HINTS))];
  if (words.length > 0 && !root.tooDeep) {
    const named = words.slice(0, NAMED_WORDS).map((word) => `"${shorten(word)}"`);
    hints.push(`Taken as text: ${named.join(", ")}${words.length > NAMED_WORDS ? " and more" : ""}.`);
  }
  return hints.map((text) => ({ kind: "hint", text }));
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}
