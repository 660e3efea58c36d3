import { shorten } from "./shorten.js";
import type { OperatorOption } from "./syntax-tree.js";
import type { SwapOptions } from "./tree.js";

const KEYS: Readonly<Record<string, keyof SwapOptions>> = { s_start: "sStart", s_end: "sEnd", t_start: "tStart", t_end: "tEnd" };

/**
 * The options of `.swap(…)`: a later one of the same name wins, and `s_end` over `shape_freedom`, the same on a scale
 * that looks even: s_end = 1 − ∛shape_freedom.
 *
 * @param hints receives a sentence for each option that means nothing
 */
export function readSwapOptions(options: readonly OperatorOption[], hints: string[]): SwapOptions {
  const values: { -readonly [Key in keyof SwapOptions]: SwapOptions[Key] } = {};
  let fromShape: number | undefined;
  for (const { name, value } of options) {
    const key = Object.hasOwn(KEYS, name) ? KEYS[name] : undefined;
    if (key && typeof value === "number") values[key] = value;
    else if (name === "shape_freedom" && typeof value === "number" && value >= 0) fromShape = 1 - value ** (1 / 3);
    else hints.push(`.swap() does not know "${shorten([name, value].filter((part) => part !== "").join("="))}"; it is ignored.`);
  }
  return fromShape === undefined ? values : { sEnd: fromShape, ...values };
}
