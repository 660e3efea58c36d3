import type { GrammarOptions } from "./grammar.js";
import { MOST_PARTS } from "./limits.js";
import { parseConjunction } from "./parse-conjunction.js";
import { normalizeWeights, splitWeights } from "./split-weights.js";
import { type FlatPrompt, type LoraUse, literalPrompt, type Prompt, type PromptNote } from "./tree.js";

/** A mixture in the notation with colons. */
export interface LegacyBlend {
  readonly prompt: Prompt;
  readonly loras: readonly LoraUse[];
  readonly notes: readonly PromptNote[];
}

/**
 * Reads `blue sphere:0.25 red cube:0.75`; each part may hold attention and LoRAs. Of parts that join several prompts the first counts, parts
 * without words fall away.
 *
 * @param skipNormalize keeps the weights as they are written (`-x`)
 * @returns undefined when the text is no mixture
 */
export function parseLegacyBlend(text: string, skipNormalize: boolean, options: GrammarOptions = {}): LegacyBlend | undefined {
  const parts = splitWeights(text);
  if (parts.length < 2) return undefined;
  if (parts.length > MOST_PARTS) return refuse(text, `A mixture of more than ${MOST_PARTS} parts is not possible`);
  if (parts.some(({ weight }) => !Number.isFinite(weight))) return refuse(text, "A weight of the mixture is too large");
  const notes: PromptNote[] = [];
  const cancels = parts.reduce((sum, { weight }) => sum + weight, 0) === 0;
  if (cancels && !skipNormalize) {
    notes.push({ kind: "hint", text: "Subprompt weights add up to zero. Discarding and using even weights instead." });
  }
  const weights = (skipNormalize ? parts : normalizeWeights(parts)).map(({ weight }) => weight);
  const blended: { prompt: FlatPrompt; weight: number }[] = [];
  const loras: LoraUse[] = [];
  for (const [i, part] of parts.entries()) {
    const conjunction = parseConjunction(part.text, options);
    loras.push(...conjunction.loras);
    notes.push(...conjunction.notes);
    const [first, ...others] = conjunction.prompts;
    if (others.length > 0) notes.push({ kind: "hint", text: "Inside a mixture with colons only the first prompt of .and() counts." });
    if (first !== undefined) blended.push({ prompt: asPart(first, part.text, notes), weight: weights[i] as number });
  }
  const prompt: Prompt = {
    kind: "blend",
    prompts: blended.map(({ prompt: part }) => part),
    weights: blended.map(({ weight }) => weight),
    normalize: !skipNormalize,
  };
  return { prompt, loras, notes };
}

function refuse(text: string, what: string): LegacyBlend {
  const note: PromptNote = { kind: "semantic", text: `${what}; the whole prompt is taken as plain text.` };
  return { prompt: literalPrompt(text), loras: [], notes: [note] };
}

/** Mixtures hold neither mixtures nor swaps: such a part is taken as plain text. */
function asPart(prompt: Prompt, text: string, notes: PromptNote[]): FlatPrompt {
  const operator = prompt.kind === "blend" ? ".blend()" : prompt.fragments.some(({ kind }) => kind === "swap") ? ".swap()" : undefined;
  if (operator === undefined) return prompt as FlatPrompt;
  notes.push({ kind: "semantic", text: `${operator} is not possible inside a mixture with colons; it is taken as plain text.` });
  return literalPrompt(text);
}
