import parser from "yargs-parser";
import { expandHome } from "../home-folder.js";
import { parsePythonFloat, parsePythonInt, pythonRepr } from "./python-values.js";
import { type Occurrence, type Place, readArguments, shorten, usageError } from "./read-arguments.js";
import { allNames, type Switch } from "./switch.js";

type Scalar = string | number | boolean;
type Value = Scalar | readonly Scalar[];

/**
 * Reads switches by argparse's rules; the last of several wins.
 *
 * The words are first spelled out as `--key=value` from our table; only then does yargs-parser see them, because it would take
 * `-Ak_lms` for a cluster of flags and overwrite an earlier `-s` with it.
 *
 * @throws DreamError usage/line or usage/launch with argparse's sentence
 */
export function parseSwitches(words: readonly string[], switches: readonly Switch[], place: Place): Record<string, Value> {
  const { occurrences, strays } = readArguments(words, switches, place);
  const last = new Map<string, Occurrence>();
  for (const occurrence of occurrences) {
    // All are checked, also those that a later one replaces.
    for (const text of textsOf(occurrence)) convert(occurrence.row, text, place);
    last.set(occurrence.row.key, occurrence);
  }
  if (strays.length > 0) {
    throw usageError(place, `unrecognized arguments: ${shorten(strays.join(" "))}${strayAdvice(place, strays)}`);
  }
  const used = [...last.values()];
  const spelled = parser(
    // yargs-parser takes one pair of quotation marks off every value, so it gets one to take off.
    used.flatMap((occurrence) => textsOf(occurrence).map((text) => `--${occurrence.row.key}="${text}"`)),
    {
      string: used.map(({ row }) => row.key),
      array: used.filter(({ row }) => isMany(row)).map(({ row }) => row.key),
      configuration: PLAIN,
    },
  );
  const values: Record<string, Value> = {};
  for (const { row } of used) {
    const text: unknown = spelled[row.key];
    if (isMany(row)) values[row.key] = (Array.isArray(text) ? text : []).map((one) => convert(row, String(one), place));
    else if (typeof text === "string") values[row.key] = convert(row, text, place);
  }
  return values;
}

/** Everything that yargs-parser would guess, off. Only the words of one occurrence reach it for each key. */
const PLAIN = {
  "boolean-negation": false,
  "camel-case-expansion": false,
  "dot-notation": false,
  "parse-numbers": false,
  "parse-positional-numbers": false,
  "short-option-groups": false,
} as const;

const ON = "on";
const OFF = "off";

function isMany({ type }: Switch): boolean {
  return type === "words" || type === "ints" || type === "floats";
}

function textsOf({ row, off, texts }: Occurrence): readonly string[] {
  return row.type === "flag" ? [off ? OFF : ON] : texts;
}

function convert(row: Switch, text: string, place: Place): Scalar {
  const name = allNames(row).join("/");
  switch (row.type) {
    case "flag":
      return text === ON;
    case "words":
    case "text":
      return text;
    case "path":
      return expandHome(text);
    case "choice":
      return chosen(row, text, place);
    case "int":
    case "ints":
    case "float":
    case "floats": {
      const kind = row.type.startsWith("int") ? "int" : "float";
      const value = kind === "int" ? parsePythonInt(text) : parsePythonFloat(text);
      if (value === undefined) throw usageError(place, `argument ${name}: invalid ${kind} value: ${pythonRepr(shorten(text))}`);
      return chosen(row, value, place);
    }
  }
}

function chosen<V extends string | number>(row: Switch, value: V, place: Place): V {
  if (!row.choices || row.choices.includes(value)) return value;
  const quoted = (choice: string | number) => (typeof choice === "string" ? pythonRepr(shorten(choice)) : String(choice));
  const list = row.choices.map(quoted).join(", ");
  throw usageError(place, `argument ${allNames(row).join("/")}: invalid choice: ${quoted(value)} (choose from ${list})`);
}

function strayAdvice(place: Place, strays: readonly string[]): string {
  if (place === "launch") return "";
  return strays[0]?.startsWith("-")
    ? "; put the prompt in double quotes if this belongs to it, -h lists the switches"
    : "; the prompt goes first";
}
