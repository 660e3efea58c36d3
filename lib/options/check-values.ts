import { DreamError } from "../errors.js";
import type { LineValues, Switch } from "./table.js";
import { SWITCHES } from "./table.js";

interface Rule {
  readonly legal: (value: number) => boolean;
  readonly sentence: string;
}

const isShare = (value: number) => value >= 0 && value <= 1;

/** Sentences that the reference fixes, by key. */
const RULES: Readonly<Record<string, Rule>> = {
  cfgScale: { legal: (value) => value === 0 || value > 1, sentence: "CFG_Scale (-C) must be >1.0" },
  threshold: { legal: (value) => value >= 0, sentence: "--threshold must be >=0.0" },
  strength: {
    // 0 is legal here, whatever the sentence says: the picture as the VAE sees it.
    legal: isShare,
    sentence: "img2img and inpaint strength can only work with 0.0 < strength < 1.0",
  },
  variationAmount: { legal: isShare, sentence: "-v --variation_amount must be in [0.0, 1.0]" },
  perlin: { legal: isShare, sentence: "--perlin must be in [0.0, 1.0]" },
  inpaintReplace: { legal: isShare, sentence: "inpaint_replace must be between 0.0 and 1.0" },
};

/** Sizes have sentences of their own, a seed out of range is replaced, and 0 falls back for the other two. */
const CHECKED_ELSEWHERE: ReadonlySet<string> = new Set(["width", "height", "seed", "steps", "iterations"]);

/**
 * Checks every value that was given, whether or not its feature is there.
 *
 * @param values of a prompt line, a `!fix` line or the command line
 * @throws DreamError usage/line
 */
export function checkValues(values: LineValues): void {
  const given = new Map(Object.entries(values));
  for (const row of SWITCHES as readonly Switch[]) {
    const value = given.get(row.key);
    if (Array.isArray(value) && value.length > (row.most ?? Number.POSITIVE_INFINITY)) {
      throw new DreamError("usage/line", `${row.names.join("/")} takes at most ${row.most} values, not ${value.length}`);
    }
    if (typeof value !== "number" || CHECKED_ELSEWHERE.has(row.key)) continue;
    const rule = RULES[row.key];
    if (rule && !rule.legal(value)) throw new DreamError("usage/line", rule.sentence);
    if (!rule) checkRange(row, value);
  }
}

/** @throws DreamError usage/line */
export function checkRange(row: Switch, value: number): void {
  const { names, range } = row;
  if (range && (value < range.min || value > range.max)) {
    throw new DreamError("usage/line", `${names.join("/")} must be between ${range.min} and ${range.max}, not ${value}`);
  }
}
