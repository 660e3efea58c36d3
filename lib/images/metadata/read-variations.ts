import { isJsonObject } from "../../json-file.js";
import type { Variation } from "../../options/variations.js";
import { toNumber } from "./recorded-command.js";

/** More are not looked at. */
const MAX_VARIATIONS = 100;

/**
 * Reads variations in every form that was ever written: `[{"seed": 1, "weight": 0.2}]`, `[[1, 0.2]]`, `["1:0.2"]`, `"1:0.2,2:0.1"` and
 * `"1,0.2,2,0.1"`. Entries that are none are left out.
 */
export function readVariations(recorded: unknown): Variation[] {
  if (typeof recorded === "string") return pairs(recorded.slice(0, 10_000).split(/[:,]/));
  if (!Array.isArray(recorded)) return [];
  return recorded.slice(0, MAX_VARIATIONS).flatMap((entry: unknown) => {
    if (typeof entry === "string") return pairs(entry.split(/[:,]/, 2));
    if (Array.isArray(entry)) return pairs(entry.slice(0, 2));
    return isJsonObject(entry) ? pairs([entry.seed, entry.weight]) : [];
  });
}

function pairs(flat: readonly unknown[]): Variation[] {
  const found: Variation[] = [];
  for (let i = 0; i + 1 < flat.length && found.length < MAX_VARIATIONS; i += 2) {
    const seed = toNumber(flat[i]);
    const weight = toNumber(flat[i + 1]);
    if (seed !== undefined && weight !== undefined) found.push({ seed, weight });
  }
  return found;
}
