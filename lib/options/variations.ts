import { DreamError } from "../errors.js";
import { formatPythonFloat, parsePythonFloat, parsePythonInt } from "./python-values.js";

/** Other noise that is mixed into a picture's own. */
export interface Variation {
  /** 0 … 2³²−1. */
  readonly seed: number;
  /** 0 … 1. */
  readonly weight: number;
}

/** More would be a slip: every one draws and mixes a whole picture's noise. */
const MOST = 1000;
const LARGEST_SEED = 0xffff_ffff;

/**
 * Reads `-V`: `seed:weight,seed:weight`, or with commas alone `seed,weight,seed,weight` as the variations document writes it.
 *
 * @throws DreamError usage/line with the reference's sentences
 */
export function parseVariations(text: string): Variation[] {
  if (text.trim() === "") return [];
  const pieces = text.split(",");
  const pairs = text.includes(":") || pieces.length % 2 === 1 ? pieces.map((piece) => piece.split(":")) : inPairs(pieces);
  if (pairs.length > MOST) throw new DreamError("usage/line", `-V takes at most ${MOST} variations, not ${pairs.length}`);
  const variations = pairs.map((pair) => {
    const seed = parsePythonInt(pair[0] ?? "");
    const weight = parsePythonFloat(pair[1] ?? "");
    if (pair.length !== 2 || seed === undefined || weight === undefined || seed < 0 || seed > LARGEST_SEED) {
      throw new DreamError(
        "usage/line",
        `Could not parse with_variation part "${pair.join(":").slice(0, 100)}"; write -V seed:weight,seed:weight`,
      );
    }
    return { seed, weight };
  });
  if (variations.some(({ weight }) => weight < 0 || weight > 1)) {
    const weights = variations.slice(0, 20).map(({ weight }) => formatPythonFloat(weight));
    throw new DreamError("usage/line", `variation weights must be in [0.0, 1.0]: got [${weights.join(", ")}]`);
  }
  return variations;
}

/** The value of `-V` that `parseVariations` reads back. */
export function printVariations(variations: readonly Variation[]): string {
  return variations.map(({ seed, weight }) => `${seed}:${formatPythonFloat(weight)}`).join(",");
}

function inPairs(pieces: readonly string[]): string[][] {
  return pieces.flatMap((piece, index) => (index % 2 === 0 ? [[piece, pieces[index + 1] as string]] : []));
}
