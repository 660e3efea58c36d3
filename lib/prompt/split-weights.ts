import { printNumber } from "./numbers.js";

/** One part of a prompt that mixes several. */
export interface WeightedText {
  readonly text: string;
  readonly weight: number;
}

/** A run without a bare colon, then colons with an optional weight, or the end. `\:` is a colon that belongs to the text. */
const PART = /((?:\\:|[^:])+)(?::+(-?\d+(?:\.\d+)?)?\s*|$)/g;

/**
 * Splits the older notation of mixed prompts, `blue sphere:0.25 red cube:0.75 hybrid`. A part without a weight weighs 1. One part means
 * that the text is no mixture; then the text itself is the prompt, also when it ends in `:1`.
 *
 * @returns parts in order with the weights as written; none for text of nothing but colons
 */
export function splitWeights(text: string): WeightedText[] {
  return [...text.matchAll(PART)].map(([, part = "", weight]) => ({
    text: part.replaceAll("\\:", ":"),
    weight: weight === undefined ? 1 : Number(weight),
  }));
}

/** The weights divided by their sum; all equal when the sum is 0. */
export function normalizeWeights(parts: readonly WeightedText[]): WeightedText[] {
  const sum = parts.reduce((total, { weight }) => total + weight, 0);
  return parts.map(({ text, weight }) => ({ text, weight: sum === 0 ? 1 / parts.length : weight / sum }));
}

/** The notation that `splitWeights` reads: `a cat:2 dog:1`, with colons of the texts escaped. */
export function joinWeights(parts: readonly WeightedText[]): string {
  return parts.map(({ text, weight }) => `${text.replaceAll(":", "\\:")}:${printNumber(weight)}`).join(" ");
}
