import type { Fragment } from "../prompt/tree.js";
import { type FittedTokens, WINDOW_TOKENS } from "./fit-tokens.js";
import { CLIP_LENGTH } from "./tokenizer.js";

/** Rows of an embedding whose tokens stand on both sides of all swaps, by a name that is the same on both. */
export type SharedRows = ReadonlyMap<string, number>;

/**
 * Finds the tokens that no swap touches: those of fragments outside of swaps, and the marks at both ends of each window. InvokeAI aligns
 * by fragments, too: a word that stands on both sides of one swap counts as new.
 *
 * @param fitted the tokens of one side
 * @param filler the token that fills a window whose end has no room for an embedding; where it stands depends on the side
 */
export function sharedRows(fragments: readonly Fragment[], side: "original" | "edited", fitted: FittedTokens, filler: number): SharedRows {
  const rows = new Map<string, number>();
  const origins = fragments.flatMap((fragment, place) => countOn(fragment, side, place));
  let token = 0;
  for (const { fragment, ids } of fitted.spans) {
    const origin = origins[fragment];
    let ordinal = 0;
    for (const id of ids) {
      if (origin !== undefined && id !== filler) rows.set(`${origin}.${ordinal++}`, rowOf(token));
      token++;
    }
  }
  for (let window = 0; window < fitted.windows; window++) {
    const inside = Math.min(WINDOW_TOKENS, token - window * WINDOW_TOKENS);
    rows.set(`begin ${window}`, window * CLIP_LENGTH);
    rows.set(`end ${window}`, window * CLIP_LENGTH + inside + 1);
  }
  return rows;
}

/** The rows of an embedding that is the same on both sides. */
export function allRows(windows: number): SharedRows {
  return new Map(Array.from({ length: windows * CLIP_LENGTH }, (_, row) => [`row ${row}`, row]));
}

/**
 * For each row of the edited embedding the row of the original one with the same token; −1 where there is none.
 *
 * @param count rows of the edited embedding
 */
export function alignRows(original: SharedRows, edited: SharedRows, count: number): Int32Array {
  const sources = new Int32Array(count).fill(-1);
  for (const [name, row] of edited) sources[row] = original.get(name) ?? -1;
  return sources;
}

/** A token's row: every window begins and ends with a mark. */
function rowOf(token: number): number {
  const window = Math.floor(token / WINDOW_TOKENS);
  return window * CLIP_LENGTH + 1 + (token % WINDOW_TOKENS);
}

/** For each text of one side the place of its fragment; undefined for the texts of a swap. */
function countOn(fragment: Fragment, side: "original" | "edited", place: number): (number | undefined)[] {
  if (fragment.kind === "text") return [place];
  return fragment[side].flatMap((inner) => countOn(inner, side, place)).fill(undefined);
}
