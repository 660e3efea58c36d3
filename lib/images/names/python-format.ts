import { pythonRepr } from "../../options/python-values.js";
import { formatPythonDigits, MAX_PRECISION, type NumberStyle } from "./python-number-format.js";

/** A value as Python has it: 7.5 and 10.0 are floats, 50 is an integer, and they print differently. */
export type FieldValue =
  | { readonly type: "text"; readonly value: string }
  | { readonly type: "int"; readonly value: number }
  | { readonly type: "float"; readonly value: number }
  | { readonly type: "flag"; readonly value: boolean }
  /** Not given, or a list: takes no specification. `text` is how Python prints it: `None`, `[2.0, 0.75]`. */
  | { readonly type: "other"; readonly text: string };

/** `[[fill]align][sign][#][0][width][grouping][.precision][type]` */
const SPECIFICATION =
  /^(?:(?<fill>.)?(?<align>[<>=^]))?(?<sign>[-+ ])?(?<alternate>#)?(?<zero>0)?(?<width>\d{1,9})?(?<grouping>[,_])?(?:\.(?<precision>\d{1,9}))?(?<type>[a-zA-Z%])?$/su;

/** Wider fields would be cut from the name anyway. */
const MAX_WIDTH = 512;

interface Specification {
  readonly fill: string;
  readonly align: string | undefined;
  /** A zero in front of the width: fills numbers behind their sign, texts on the right. */
  readonly zero: boolean;
  readonly sign: string | undefined;
  readonly alternate: boolean;
  readonly width: number;
  readonly grouping: string | undefined;
  readonly precision: number | undefined;
  readonly type: string;
}

/**
 * Python's `format(value, specification)` for texts, integers, finite floats and booleans.
 *
 * @returns undefined where Python raises, and for `n` and `c`, which depend on the locale or make no sense in a name
 */
export function formatPythonValue(field: FieldValue, specification: string): string | undefined {
  if (specification === "") return plain(field);
  const parsed = parseSpecification(specification);
  if (parsed === undefined || field.type === "other") return undefined;
  if (field.type === "text") return formatText(field.value, parsed);
  // A boolean with a specification is the integer 0 or 1.
  return formatNumber(Number(field.value), field.type === "float", parsed);
}

/** `str(value)`, or `repr(value)` for `!r`. */
export function convertPythonValue(field: FieldValue, conversion: "r" | "s"): FieldValue {
  const value = field.type === "text" && conversion === "r" ? pythonRepr(field.value) : plain(field);
  return { type: "text", value };
}

function plain(field: FieldValue): string {
  switch (field.type) {
    case "text":
      return field.value;
    case "int":
      return String(field.value);
    case "float":
      return sign(field.value, undefined) + formatPythonDigits(Math.abs(field.value), { type: "", alternate: false });
    case "flag":
      return field.value ? "True" : "False";
    case "other":
      return field.text;
  }
}

function parseSpecification(text: string): Specification | undefined {
  const groups = SPECIFICATION.exec(text)?.groups;
  if (groups === undefined) return undefined;
  const zero = groups.zero !== undefined;
  return {
    fill: groups.fill ?? (zero ? "0" : " "),
    align: groups.align,
    zero,
    sign: groups.sign,
    alternate: groups.alternate !== undefined,
    width: Math.min(Number(groups.width ?? 0), MAX_WIDTH),
    grouping: groups.grouping,
    precision: groups.precision === undefined ? undefined : Number(groups.precision),
    type: groups.type ?? "",
  };
}

function formatText(text: string, specification: Specification): string | undefined {
  const { type, sign: asked, alternate, grouping, align, precision } = specification;
  if ((type !== "" && type !== "s") || asked !== undefined || alternate || grouping !== undefined || align === "=") return undefined;
  const characters = [...text].slice(0, precision ?? Number.POSITIVE_INFINITY).join("");
  return pad("", characters, align ?? "<", specification);
}

const RADIX: { readonly [type: string]: number } = { "": 10, d: 10, b: 2, o: 8, x: 16, X: 16 };

function formatNumber(value: number, isFloat: boolean, specification: Specification): string | undefined {
  const { type, alternate, precision, grouping, zero, align = zero ? "=" : ">" } = specification;
  // Python would group the zeros too.
  if (zero && grouping !== undefined) return undefined;
  const magnitude = Math.abs(value);
  const leading = sign(value, specification.sign);
  const radix = RADIX[type];
  if (!isFloat && radix !== undefined) {
    if (precision !== undefined || (grouping === "," && radix !== 10)) return undefined;
    const digits = magnitude.toString(radix);
    const prefix = alternate && radix !== 10 ? `0${type}` : "";
    return pad(leading + prefix, group(type === "X" ? digits.toUpperCase() : digits, grouping, radix === 10 ? 3 : 4), align, specification);
  }
  if (!isNumberType(type) || (precision ?? 0) > MAX_PRECISION) return undefined;
  return pad(leading, group(formatPythonDigits(magnitude, { type, alternate, precision }), grouping, 3), align, specification);
}

function isNumberType(type: string): type is NumberStyle["type"] {
  return ["", "e", "E", "f", "F", "g", "G", "%"].includes(type);
}

function sign(value: number, asked: string | undefined): string {
  if (value < 0 || Object.is(value, -0)) return "-";
  return asked === "+" || asked === " " ? asked : "";
}

/** Puts the grouping character between the digits in front of the point. */
function group(digits: string, character: string | undefined, size: number): string {
  if (character === undefined) return digits;
  const whole = /^[0-9a-fA-F]+?(?=[.e%]|$)/.exec(digits)?.[0] ?? "";
  const start = whole.length % size || size;
  const parts = [whole.slice(0, start), ...(whole.slice(start).match(new RegExp(`.{${size}}`, "g")) ?? [])];
  return parts.join(character) + digits.slice(whole.length);
}

function pad(leading: string, body: string, align: string, { fill, width }: Specification): string {
  const missing = Math.max(0, width - [...leading, ...body].length);
  switch (align) {
    case "<":
      return leading + body + fill.repeat(missing);
    case "^":
      return fill.repeat(Math.floor(missing / 2)) + leading + body + fill.repeat(Math.ceil(missing / 2));
    case "=":
      return leading + fill.repeat(missing) + body;
    default:
      return fill.repeat(missing) + leading + body;
  }
}
