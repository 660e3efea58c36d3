import type { TextFragment } from "../prompt/tree.js";
import { CLIP_LENGTH } from "./tokenizer.js";
import type { TextTokenizer } from "./trigger-tokenizer.js";

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
 * Turns every fragment into tokens by itself, so that a word at its edge belongs to one weight only, and keeps what fits. The vectors of
 * one embedding stay together: where a window has no room for all of them it ends early, and where there is no further window they and
 * what follows are left out.
 *
 * @param mostWindows at least 1
 */
export function fitTokens(tokenizer: TextTokenizer, fragments: readonly TextFragment[], mostWindows: number): FittedTokens {
  const discarded: number[] = [];
  const most = mostWindows * WINDOW_TOKENS;
  let kept = 0;
  const spans: TokenSpan[] = [];
  for (const [fragment, { text, weight }] of fragments.entries()) {
    const ids: number[] = [];
    for (const id of tokenizer.encode(text)) {
      const together = tokenizer.together?.(id) ?? 1;
      const left = WINDOW_TOKENS - (kept % WINDOW_TOKENS);
      const skipped = together > left ? left : 0;
      if (discarded.length > 0 || kept + skipped + together > most) {
        discarded.push(id);
        continue;
      }
      for (let filler = 0; filler < skipped; filler++) ids.push(tokenizer.eos);
      ids.push(id);
      kept += skipped + 1;
    }
    if (ids.length > 0) spans.push({ fragment, weight, ids });
  }
  return { spans, windows: Math.max(1, Math.ceil(kept / WINDOW_TOKENS)), discarded };
}
