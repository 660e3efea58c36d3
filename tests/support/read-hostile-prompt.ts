import { type FittedTokens, WINDOW_TOKENS } from "../../lib/conditioning/fit-tokens.js";
import { alignRows, sharedRows } from "../../lib/conditioning/shared-tokens.js";
import { swapWindow } from "../../lib/conditioning/swap-window.js";
import { CLIP_LENGTH } from "../../lib/conditioning/tokenizer.js";
import { DreamError } from "../../lib/errors.js";
import { parseLine } from "../../lib/options/read.js";
import { expandSweeps } from "../../lib/options/sweep.js";
import { translateA1111 } from "../../lib/options/translate-line.js";
import { blendFactors } from "../../lib/prompt/blend-factors.js";
import { convertA1111 } from "../../lib/prompt/convert-a1111.js";
import { parsePrompt } from "../../lib/prompt/parse-prompt.js";
import { type Conjunction, type Fragment, holdsSwap, type Prompt, swapSide } from "../../lib/prompt/tree.js";

/**
 * Reads a prompt, and what it becomes when it is taken for a foreign one.
 *
 * @returns how many constructs were refused
 * @throws when a result could not be drawn: nothing to encode, a weight that is no number
 */
export function readHostilePrompt(text: string): number {
  return check(text, false) + check(convertA1111(text).text, true) + translate(text);
}

/** What it becomes as a line of the other notation: the same prompt, or a sentence. */
function translate(text: string): number {
  try {
    for (const { line } of expandSweeps(translateA1111(`x ${text}`).line).lines.slice(0, 3)) check(parseLine(line).prompt, false);
    return 0;
  } catch (error) {
    if (error instanceof DreamError) return 1;
    throw error;
  }
}

function check(text: string, skipNormalize: boolean): number {
  const { positive, negative, loras, notes } = parsePrompt(text, { skipNormalize });
  if (positive.prompts.length === 0 || positive.prompts.length !== positive.weights.length) fail("prompts and weights", text);
  for (const prompt of [...positive.prompts, negative]) checkPrompt(prompt, text);
  checkSwaps(positive, text);
  for (const { weight } of loras) if (Number.isNaN(weight)) fail("a LoRA's weight", text);
  if (notes.some((note) => note.text === "" || note.text.length > 300 || /\p{Cc}/u.test(note.text))) fail("a note", text);
  return notes.filter(({ kind }) => kind !== "hint").length;
}

/** There is a window exactly where something is swapped, of numbers, and both sides agree on what they share. */
function checkSwaps(positive: Conjunction, text: string): void {
  const window = swapWindow(positive);
  if ((window !== undefined) !== positive.prompts.some(holdsSwap)) fail("a window", text);
  if (window && [window.sStart, window.sEnd, window.tStart, window.tEnd].some(Number.isNaN)) fail("a window's end", text);
  for (const prompt of positive.prompts) {
    if (prompt.kind !== "flat") continue;
    const side = (name: "original" | "edited") => sharedRows(prompt.fragments, name, fitted(swapSide(prompt.fragments, name)), -1);
    const sources = alignRows(side("original"), side("edited"), CLIP_LENGTH);
    if (sources.some((source) => source < -1 || source >= CLIP_LENGTH) || sources[0] !== 0) fail("a token's place", text);
  }
}

/** One token for each fragment, as far as one window goes. */
function fitted(fragments: readonly Fragment[]): FittedTokens {
  const spans = fragments.slice(0, WINDOW_TOKENS).map((_, fragment) => ({ fragment, weight: 1, ids: [fragment] }));
  return { spans, windows: 1, discarded: [] };
}

function checkPrompt(prompt: Prompt, text: string): void {
  if (prompt.kind === "flat") {
    if (prompt.fragments.length === 0) fail("fragments", text);
    for (const side of ["original", "edited"] as const) checkFragments(swapSide(prompt.fragments, side), text);
    return;
  }
  if (prompt.prompts.length === 0 || !blendFactors(prompt).every(Number.isFinite)) fail("a mixture", text);
  for (const part of prompt.prompts) checkPrompt(part, text);
}

function checkFragments(fragments: readonly Fragment[], text: string): void {
  if (!fragments.every((fragment) => fragment.kind === "text" && Number.isFinite(fragment.weight))) fail("a weight", text);
}

function fail(what: string, text: string): never {
  throw new Error(`${what} of ${JSON.stringify(text.slice(0, 200))}`);
}
