import { weightsCancel } from "./blend-factors.js";
import type { GrammarOptions } from "./grammar.js";
import { parseLegacyBlend } from "./legacy-blend.js";
import { MOST_LORAS, MOST_NOTES } from "./limits.js";
import { splitNegative } from "./negative.js";
import { parseConjunction } from "./parse-conjunction.js";
import { type Conjunction, EMPTY_PROMPT, holdsSwap, type LoraUse, type Prompt, type PromptNote } from "./tree.js";

/** What a typed prompt asks for. */
export interface ParsedPrompt {
  /** At least one prompt; several guide the picture each with its weight. */
  readonly positive: Conjunction;
  /** What the picture should not show; the empty prompt when nothing is said. */
  readonly negative: Prompt;
  /** LoRAs of the positive part, in the order of the text; a name may come twice. */
  readonly loras: readonly LoraUse[];
  /** To be told before the picture is made; each text once, ten at most. */
  readonly notes: readonly PromptNote[];
}

export interface ParseOptions {
  /** Keep the weights of a mixture with colons as they are written (`-x`). */
  readonly skipNormalize: boolean;
}

/**
 * Reads a whole prompt: `[negative]` is taken out, the rest is a mixture with colons or else the full grammar. Triggers of embeddings are
 * ordinary words here. Never throws: what cannot be read as it is written becomes text, with a note. The time is linear in the length.
 */
export function parsePrompt(text: string, { skipNormalize }: ParseOptions): ParsedPrompt {
  const halves = splitNegative(text.replace(/[\r\n]+/g, " "));
  const positive = parsePositive(halves.positive, skipNormalize);
  const negative = parseConjunction(halves.negative, GRAMMAR);
  const prompts = [...positive.prompts, ...negative.prompts.slice(0, 1)];
  const notes = [
    ...positive.notes,
    ...negative.notes.map(({ kind, text: note }) => ({ kind, text: `In [brackets]: ${note}` })),
    ...hints(prompts.some(cancels), "The weights of .blend() add up to zero; all its prompts count the same."),
    ...hints(negative.prompts.length > 1, "In [brackets] only the first prompt of .and() counts."),
    ...hints(negative.loras.length > 0, "withLora() in [brackets] is ignored."),
    ...hints(positive.loras.length > MOST_LORAS, `Only the first ${MOST_LORAS} LoRAs count.`),
    ...hints(FOREIGN_WEIGHT.test(halves.positive), "(word:1.2) is not a weight here; write (word)1.2."),
    ...hints(FOREIGN_LORA.test(halves.positive), "<lora:name:0.8> loads nothing here; write withLora(name,0.8)."),
  ];
  return {
    positive: positive.prompts.length > 0 ? positive : { prompts: [EMPTY_PROMPT], weights: [1] },
    negative: negative.prompts[0] ?? EMPTY_PROMPT,
    loras: positive.loras.slice(0, MOST_LORAS),
    notes: [...new Map(notes.map((note) => [note.text, note])).values()].slice(0, MOST_NOTES),
  };
}

/** Whether a prompt has a swap outside of its negative part. */
export function swapsWords(text: string): boolean {
  return text.includes(".swap") && parsePrompt(text, { skipNormalize: false }).positive.prompts.some(holdsSwap);
}

/** Files of LoRAs have dots in their names. */
const GRAMMAR: GrammarOptions = { dottedNames: true };
/** Weights and LoRAs as AUTOMATIC1111 writes them. */
const FOREIGN_WEIGHT = /\([^()]*:\s*(?:\d+(?:\.\d*)?|\.\d+)\s*\)/;
const FOREIGN_LORA = /<lora:[^<>\s]{1,200}>/;

interface Positive extends Conjunction {
  readonly loras: readonly LoraUse[];
  readonly notes: readonly PromptNote[];
}

function parsePositive(text: string, skipNormalize: boolean): Positive {
  const blend = parseLegacyBlend(text, skipNormalize, GRAMMAR);
  if (!blend) return parseConjunction(text, GRAMMAR);
  const { prompt, loras, notes } = blend;
  const isEmpty = prompt.kind === "blend" && prompt.prompts.length === 0;
  return { prompts: isEmpty ? [] : [prompt], weights: isEmpty ? [] : [1], loras, notes };
}

function cancels(prompt: Prompt): boolean {
  return prompt.kind === "blend" && prompt.normalize && weightsCancel(prompt.weights);
}

function hints(applies: boolean, text: string): PromptNote[] {
  return applies ? [{ kind: "hint", text }] : [];
}
