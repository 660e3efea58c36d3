import type { TextFragment } from "../prompt/tree.js";
import { CLIP_LENGTH, type ClipTokenizer } from "./tokenizer.js";

/** Tokens of one window between BOS and EOS. */
export const WINDOW_TOKENS = CLIP_LENGTH - 2;

/** The tokens of one fragment that fit. */
export interface TokenSpan {
  /** Place of the fragment among those given. */
  readonly fragment: number;
  readonly weight: number;
  readonly ids: readonly number[];
}

/** A text in tokens, fragment by fragment. */
export interface FittedTokens {
  /** Of the fragments that have tokens which fit, in order. */
  readonly spans: readonly TokenSpan[];
  /** Windows of 77 positions that the tokens take; at least one. */
  readonly windows: number;
  /** Tokens that did not fit, in order. */
  readonly discarded: readonly number[];
}

/**
 * Turns every fragment into tokens by itself, so that a word at its edge belongs to one weight only, and keeps what fits.
 *
 * @param mostWindows at least 1
 */
export function fitTokens(tokenizer: ClipTokenizer, fragments: readonly TextFragment[], mostWindows: number): FittedTokens {
  const discarded: number[] = [];
  let room = mostWindows * WINDOW_TOKENS;
  let kept = 0;
  const spans: TokenSpan[] = [];
  for (const [fragment, { text, weight }] of fragments.entries()) {
    const all = tokenizer.encode(text);
    const ids = all.slice(0, room);
    for (const id of all.slice(room)) discarded.push(id);
    room -= ids.length;
    kept += ids.length;
    if (ids.length > 0) spans.push({ fragment, weight, ids });
  }
  return { spans, windows: Math.max(1, Math.ceil(kept / WINDOW_TOKENS)), discarded };
}
