import { blendFactors } from "../../lib/prompt/blend-factors.js";
import { convertA1111 } from "../../lib/prompt/convert-a1111.js";
import { parsePrompt } from "../../lib/prompt/parse-prompt.js";
import { type Fragment, type Prompt, swapSide } from "../../lib/prompt/tree.js";

/**
 * Reads a prompt, and what it becomes when it is taken for a foreign one.
 *
 * @returns how many constructs were refused
 * @throws when a result could not be drawn: nothing to encode, a weight that is no number
 */
export function readHostilePrompt(text: string): number {
  return check(text, false) + check(convertA1111(text).text, true);
}

function check(text: string, skipNormalize: boolean): number {
  const { positive, negative, loras, notes } = parsePrompt(text, { skipNormalize });
  if (positive.prompts.length === 0 || positive.prompts.length !== positive.weights.length) fail("prompts and weights", text);
  for (const prompt of [...positive.prompts, negative]) checkPrompt(prompt, text);
  for (const { weight } of loras) if (Number.isNaN(weight)) fail("a LoRA's weight", text);
  if (notes.some((note) => note.text === "" || note.text.length > 300 || /\p{Cc}/u.test(note.text))) fail("a note", text);
  return notes.filter(({ kind }) => kind !== "hint").length;
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
