import type { Fragment, Prompt } from "./tree.js";

/**
 * A prompt as it was understood, for people: `a tall man picking (apricots)1.1 (cat → dog)`; parts of a blend with their weights. Not meant to be
 * read back.
 */
export function printPrompt(prompt: Prompt): string {
  if (prompt.kind === "flat") return printFragments(prompt.fragments);
  const parts = prompt.prompts.map((part, i) => `"${printPrompt(part)}" × ${rounded(prompt.weights[i] as number)}`);
  return `${parts.join(" + ")}${prompt.normalize ? "" : " (not normalised)"}`;
}

function printFragments(fragments: readonly Fragment[]): string {
  return fragments.map(printFragment).join(" ");
}

function printFragment(fragment: Fragment): string {
  if (fragment.kind === "swap") return `(${printFragments(fragment.original)} → ${printFragments(fragment.edited)})`;
  return fragment.weight === 1 ? fragment.text : `(${fragment.text})${rounded(fragment.weight)}`;
}

/** Enough digits to tell three signs from a number. */
function rounded(weight: number): string {
  return String(Number(weight.toPrecision(4)));
}
