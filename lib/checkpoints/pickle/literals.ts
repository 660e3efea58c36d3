/* Numbers and texts as pickles write them. Each function answers undefined for what is none. */

/** Bytes of the largest whole number; torch's own magic number has 10. */
const LONGEST_NUMBER = 256;

const LATIN = new TextDecoder("latin1");

/** "12", "-3", "12L" of Python 2; "00" and "01" are its False and True. */
export function readDecimal(line: Uint8Array): number | bigint | boolean | undefined {
  if (line.byteLength > LONGEST_NUMBER) return undefined;
  const text = LATIN.decode(line).replace(/L$/, "");
  if (text === "00" || text === "01") return text === "01";
  return /^[+-]?\d+$/.test(text) ? exact(BigInt(text.replace(/^\+/, ""))) : undefined;
}

/** As Python's `repr` writes it. */
export function readFloat(line: Uint8Array): number | undefined {
  if (line.byteLength > LONGEST_NUMBER) return undefined;
  const text = LATIN.decode(line);
  if (/^-?inf$/.test(text)) return text === "inf" ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  if (text === "nan") return Number.NaN;
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : undefined;
}

/** Two's complement, the lowest byte first; no bytes are 0. */
export function readLong(bytes: Uint8Array): number | bigint | undefined {
  if (bytes.byteLength > LONGEST_NUMBER) return undefined;
  let value = 0n;
  for (let i = bytes.byteLength - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i] as number);
  return exact(BigInt.asIntN(8 * bytes.byteLength, value));
}

/** A text of Python 2 in quotes, with its escapes. */
export function readQuoted(line: Uint8Array): string | undefined {
  const text = LATIN.decode(line);
  const quote = text[0];
  if (text.length < 2 || (quote !== "'" && quote !== '"') || text.at(-1) !== quote) return undefined;
  return text.slice(1, -1).replace(/\\(x[0-9a-f]{2}|.)/gi, (_, code: string) => {
    if (code.length === 3) return String.fromCharCode(Number.parseInt(code.slice(1), 16));
    return ESCAPES[code] ?? code;
  });
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t" };

/** Latin-1 in which other characters are written `\uXXXX` or `\UXXXXXXXX`. */
export function readRawUnicode(line: Uint8Array): string {
  return LATIN.decode(line).replace(/\\u([0-9a-f]{4})|\\U([0-9a-f]{8})/gi, (whole, short?: string, long?: string) => {
    const code = Number.parseInt(short ?? long ?? "", 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}

/** A number where it is exact. */
function exact(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
