import { formatPythonFloat } from "../../options/python-values.js";

/** The part of a Python format specification that says how a number's digits are written. */
export interface NumberStyle {
  /** Digits after the point, or significant digits for "g". */
  readonly precision?: number;
  readonly type: "" | "e" | "E" | "f" | "F" | "g" | "G" | "%";
  /** `#`: keeps the point and trailing zeros. */
  readonly alternate: boolean;
}

/** Digits that are computed at most; longer file names do not exist. */
export const MAX_PRECISION = 255;

/**
 * Digits of a finite number ≥ 0 as Python's `format` writes a float: decimal fractions are rounded half to even on the exact binary value,
 * where JavaScript's toFixed rounds half up.
 */
export function formatPythonDigits(value: number, style: NumberStyle): string {
  const { precision, alternate } = style;
  switch (style.type) {
    case "":
      return precision === undefined ? formatPythonFloat(value) : general(value, precision, { alternate, keepPoint: true });
    case "f":
    case "F":
      return fixed(value, precision ?? 6, alternate);
    case "%":
      return `${fixed(value * 100, precision ?? 6, alternate)}%`;
    case "e":
    case "E":
      return withCase(exponential(value, precision ?? 6, alternate), style.type);
    case "g":
    case "G":
      return withCase(general(value, precision ?? 6, { alternate, keepPoint: false }), style.type);
  }
}

function withCase(digits: string, type: string): string {
  return type === type.toUpperCase() ? digits.toUpperCase() : digits;
}

function fixed(value: number, precision: number, alternate: boolean): string {
  const digits = String(scaled(value, precision)).padStart(precision + 1, "0");
  const whole = digits.slice(0, digits.length - precision);
  return precision > 0 ? `${whole}.${digits.slice(-precision)}` : whole + (alternate ? "." : "");
}

function exponential(value: number, precision: number, alternate: boolean): string {
  const { digits, exponent } = significant(value, precision + 1);
  const fraction = digits.slice(1);
  const magnitude = String(Math.abs(exponent)).padStart(2, "0");
  return `${digits[0]}${fraction !== "" || alternate ? "." : ""}${fraction}e${exponent < 0 ? "-" : "+"}${magnitude}`;
}

/**
 * @param keepPoint the form without a type, which always looks like a float: 10.0 rather than 10, and exponents one digit earlier
 */
function general(value: number, precision: number, { alternate, keepPoint }: { alternate: boolean; keepPoint: boolean }): string {
  const count = Math.max(1, precision);
  const { exponent } = significant(value, count);
  const trim = (digits: string) => (alternate || !digits.includes(".") ? digits : digits.replace(/\.?0+$/, ""));
  if (exponent < -4 || exponent >= (keepPoint ? count - 1 : count)) {
    const [mantissa = "", power = ""] = exponential(value, count - 1, alternate).split("e");
    return `${trim(mantissa)}e${power}`;
  }
  const digits = trim(fixed(value, Math.max(0, count - 1 - exponent), alternate));
  return keepPoint && !digits.includes(".") ? `${digits}.0` : digits;
}

/** The first `count` digits of a value and the power of ten of the first. */
function significant(value: number, count: number): { readonly digits: string; readonly exponent: number } {
  if (value === 0) return { digits: "0".repeat(count), exponent: 0 };
  const guess = Number(value.toExponential().split("e")[1]);
  const digits = String(scaled(value, count - 1 - guess));
  // 9.99 rounded to two digits is 10: one digit more.
  return digits.length > count ? { digits: digits.slice(0, count), exponent: guess + 1 } : { digits, exponent: guess };
}

/** value·10^power as the nearest integer, halves to even, exactly. */
function scaled(value: number, power: number): bigint {
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, value);
  const raw = bits.getBigUint64(0);
  const biased = Number((raw >> 52n) & 0x7ffn);
  const mantissa = (raw & 0xf_ffff_ffff_ffffn) | (biased === 0 ? 0n : 1n << 52n);
  const binary = Math.max(biased, 1) - 1075;
  const numerator = mantissa * (binary > 0 ? 1n << BigInt(binary) : 1n) * (power > 0 ? 10n ** BigInt(power) : 1n);
  const denominator = (binary < 0 ? 1n << BigInt(-binary) : 1n) * (power < 0 ? 10n ** BigInt(-power) : 1n);
  const quotient = numerator / denominator;
  const twice = 2n * (numerator % denominator);
  const up = twice > denominator || (twice === denominator && quotient % 2n === 1n);
  return up ? quotient + 1n : quotient;
}
