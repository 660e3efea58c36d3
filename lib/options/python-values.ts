/** Numbers and strings in Python's notation: that is how every recorded command of this family of programs writes them. */

const INTEGER = /^[+-]?\d+(?:_\d+)*$/;
const FLOAT = /^[+-]?(?:\d+(?:_\d+)*(?:\.(?:\d+(?:_\d+)*)?)?|\.\d+(?:_\d+)*)(?:[eE][+-]?\d+)?$/;
/** No number that a person writes is longer. */
const MOST_CHARACTERS = 400;

/** `int(text)`; undefined where Python raises. Beyond 2⁵³ the value is rounded: ranges are far below. */
export function parsePythonInt(text: string): number | undefined {
  const digits = text.trim();
  if (digits.length > MOST_CHARACTERS || !INTEGER.test(digits)) return undefined;
  const value = Number(digits.replaceAll("_", ""));
  return Number.isFinite(value) ? value : undefined;
}

/** `float(text)` for finite numbers; undefined where Python raises and for infinities and NaN, which no switch takes. */
export function parsePythonFloat(text: string): number | undefined {
  const digits = text.trim();
  if (digits.length > MOST_CHARACTERS || !FLOAT.test(digits)) return undefined;
  const value = Number(digits.replaceAll("_", ""));
  return Number.isFinite(value) ? value : undefined;
}

/** `repr(float)`: 7.5, 10.0, 1e-05, 1e+16. */
export function formatPythonFloat(value: number): string {
  if (Object.is(value, -0)) return "-0.0";
  if (value === 0) return "0.0";
  const [mantissa = "", exponentText = ""] = value.toExponential().split("e");
  const exponent = Number(exponentText);
  if (exponent < -4 || exponent >= 16) {
    const magnitude = String(Math.abs(exponent)).padStart(2, "0");
    return `${mantissa}e${exponent < 0 ? "-" : "+"}${magnitude}`;
  }
  // Below 1e-6 JavaScript itself changes to exponents; that range was handled above.
  const plain = String(value);
  return plain.includes(".") ? plain : `${plain}.0`;
}

/** `repr(str)` for the text of error messages: single quotes unless the text holds one and no double quote. */
export function pythonRepr(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  return quote + text.replaceAll("\\", "\\\\").replaceAll(quote, `\\${quote}`) + quote;
}
