import type { Reading } from "./syntax-tree.js";

const REAL = /[+-]?(?:\d+\.\d*|\.\d+)/y;
const INTEGER = /-?\d+/y;
const KEYWORD = /[\w-]+/y;
const DOTTED_NAME = /[\w-]+(?:\.[\w-]+)*/y;

/** A number with a point may have either sign, one without may be negative. No exponents. */
export function readNumber(text: string, from: number): Reading<number> | undefined {
  const reading = match(REAL, text, from) ?? match(INTEGER, text, from);
  return reading && { value: Number(reading.value), end: reading.end };
}

/** A name: letters, digits, `_` and `-`. */
export function readKeyword(text: string, from: number): Reading<string> | undefined {
  return match(KEYWORD, text, from);
}

/** A name in which single dots may stand, as in names of files. */
export function readDottedName(text: string, from: number): Reading<string> | undefined {
  return match(DOTTED_NAME, text, from);
}

function match(pattern: RegExp, text: string, from: number): Reading<string> | undefined {
  pattern.lastIndex = from;
  const found = pattern.exec(text);
  return found ? { value: found[0], end: from + found[0].length } : undefined;
}

/**
 * A finite number without an exponent, which no notation of prompts reads. Seventeen digits behind the point hold every weight that a double
 * can tell from its neighbours between 0 and 1.
 */
export function printNumber(value: number): string {
  const shortest = String(value);
  if (!shortest.includes("e")) return shortest;
  return Math.abs(value) < 1 ? value.toFixed(17).replace(/\.?0+$/, "") : String(BigInt(value));
}

/** More signs than any double can show, up or down. */
const MOST_SIGNS = 7500;
/** Bits that are kept of a power; a double holds 53. */
const KEPT_BITS = 120;

/**
 * `base` to the power of `count`, correctly rounded. Fragments of equal weight are joined, so the last digit matters, and `Math.pow` has it
 * wrong for a tenth of the runs (1.1⁴).
 *
 * @param base between 0.5 and 2
 * @returns 0 or Infinity beyond the range of doubles
 */
export function exactPower(base: number, count: number): number {
  if (count > MOST_SIGNS) return base < 1 ? 0 : Number.POSITIVE_INFINITY;
  const power = BigInt(base * 2 ** 53) ** BigInt(count);
  const surplus = Math.max(0, power.toString(16).length * 4 - KEPT_BITS);
  return scale(Number(power >> BigInt(surplus)), surplus - 53 * count);
}

/** `value · 2^exponent` in two steps: one alone could leave the range of doubles on the way. */
function scale(value: number, exponent: number): number {
  const half = Math.trunc(exponent / 2);
  return value * 2 ** half * 2 ** (exponent - half);
}
