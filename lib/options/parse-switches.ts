import parser from "yargs-parser";
import { DreamError } from "../errors.js";
import { expandHome } from "../home-folder.js";
import { parsePythonFloat, parsePythonInt, pythonRepr } from "./python-values.js";
import type { Switch } from "./table.js";

type Place = "launch" | "line";
type Value = string | number | boolean;

/** One occurrence of a switch with the text of its value; flags carry "". */
interface Occurrence {
  readonly row: Switch;
  readonly text: string;
}

/**
 * Reads switches by the rules of Python's argparse: exact names first, `--name value`, `--name=value`, `-W640`, `-W 640`, `-W=640`,
 * clusters of flags, unique prefixes of two-dash names, negative numbers as values, the last of several wins.
 *
 * The words are first spelled out as `--key=value` from our table; only then does yargs-parser see them, because it would take
 * `-Ak_lms` for a cluster of flags and overwrite an earlier `-s` with it.
 *
 * @throws DreamError usage/line or usage/launch with argparse's sentence
 */
export function parseSwitches(words: readonly string[], switches: readonly Switch[], place: Place): Record<string, Value> {
  const reader = new ArgumentReader(words, switches, place);
  const { occurrences, strays } = reader.read();
  for (const { row, text } of occurrences) convert(row, text, place);
  if (strays.length > 0) throw usage(place, `unrecognized arguments: ${shorten(strays.join(" "))}${strayAdvice(place, strays)}`);
  const spelled = parser(
    // yargs-parser takes one pair of quotation marks off every value, so it gets one to take off.
    occurrences.map(({ row, text }) => `--${row.key}="${text}"`),
    { string: switches.map((row) => row.key), configuration: PLAIN },
  );
  const values: Record<string, Value> = {};
  for (const row of switches) {
    const text: unknown = spelled[row.key];
    if (typeof text === "string") values[row.key] = convert(row, text, place);
  }
  return values;
}

/** Everything that yargs-parser would guess, off. */
const PLAIN = {
  "boolean-negation": false,
  "camel-case-expansion": false,
  "dot-notation": false,
  "duplicate-arguments-array": false,
  "parse-numbers": false,
  "parse-positional-numbers": false,
  "short-option-groups": false,
} as const;

/** Python's argparse takes words of this shape for values although they begin with a dash. */
const NEGATIVE_NUMBER = /^-\d+$|^-\d*\.\d+$/;

class ArgumentReader {
  private readonly byName = new Map<string, Switch>();
  private readonly occurrences: Occurrence[] = [];
  private readonly strays: string[] = [];
  private next = 0;

  constructor(
    private readonly words: readonly string[],
    switches: readonly Switch[],
    private readonly place: Place,
  ) {
    for (const row of switches) for (const name of row.names) this.byName.set(name, row);
  }

  read(): { occurrences: Occurrence[]; strays: string[] } {
    while (this.next < this.words.length) {
      const word = this.words[this.next++] as string;
      if (word === "--") {
        this.strays.push(...this.words.slice(this.next));
        break;
      }
      if (!this.looksLikeSwitch(word)) this.strays.push(word);
      else this.readSwitch(word);
    }
    return { occurrences: this.occurrences, strays: this.strays };
  }

  /** argparse's test: a known spelling always, else anything with a dash in front but negative numbers and words with a blank. */
  private looksLikeSwitch(word: string): boolean {
    if (!word.startsWith("-") || word === "-") return false;
    return this.candidates(word).length > 0 || !(NEGATIVE_NUMBER.test(word) || word.includes(" "));
  }

  private readSwitch(word: string): void {
    const candidates = this.candidates(word);
    const [only] = candidates;
    if (candidates.length > 1) {
      const listed = candidates.map(({ spelling }) => spelling).join(", ");
      throw usage(this.place, `ambiguous option: ${word} could match ${listed}`);
    }
    if (only) this.take(only.row, only.attached);
    else this.strays.push(word);
  }

  /** Every switch that a word may mean; an exact name hides the others. */
  private candidates(word: string): Candidate[] {
    const equals = word.indexOf("=");
    const name = equals < 0 ? word : word.slice(0, equals);
    const attached = equals < 0 ? undefined : word.slice(equals + 1);
    const exact = this.byName.get(word);
    if (exact) return [{ spelling: word, row: exact, attached: undefined }];
    const named = this.byName.get(name);
    if (named) return [{ spelling: name, row: named, attached }];
    return word.startsWith("--") ? this.prefixed(name, attached) : this.shortOrPrefixed(word, name, attached);
  }

  private prefixed(name: string, attached: string | undefined): Candidate[] {
    const found = [...this.byName].filter(([spelling]) => spelling.startsWith(name));
    return found.map(([spelling, row]) => ({ spelling, row, attached }));
  }

  /** `-W640` is the one-letter switch with its value; it may also be the beginning of a one-dash long name, which is then ambiguous. */
  private shortOrPrefixed(word: string, name: string, attached: string | undefined): Candidate[] {
    const letter = word.slice(0, 2);
    const short = this.byName.get(letter);
    const glued: Candidate[] = short ? [{ spelling: letter, row: short, attached: word.slice(2) }] : [];
    return [...glued, ...this.prefixed(name, attached)];
  }

  private take(row: Switch, attached: string | undefined): void {
    if (row.type !== "flag") {
      this.occurrences.push({ row, text: attached ?? this.valueFor(row) });
      return;
    }
    this.occurrences.push({ row, text: "" });
    if (attached === undefined) return;
    // A cluster: the rest of `-gn4` is read as `-n4`.
    const inCluster = this.byName.get(`-${attached[0]}`);
    const spelledShort = row.names.some((name) => name.length === 2) && !this.words[this.next - 1]?.startsWith("--");
    if (!inCluster || !spelledShort)
      throw usage(this.place, `argument ${row.names.join("/")}: ignored explicit argument ${pythonRepr(attached)}`);
    const rest = attached.slice(1);
    this.take(inCluster, rest === "" ? undefined : rest);
  }

  private valueFor(row: Switch): string {
    const word = this.words[this.next];
    if (word === undefined || word === "--" || this.looksLikeSwitch(word)) {
      throw usage(this.place, `argument ${row.names.join("/")}: expected one argument`);
    }
    this.next++;
    return word;
  }
}

interface Candidate {
  readonly spelling: string;
  readonly row: Switch;
  readonly attached: string | undefined;
}

function convert(row: Switch, text: string, place: Place): Value {
  const name = row.names.join("/");
  if (row.type === "flag") return true;
  if (row.type === "int" || row.type === "float") {
    const value = row.type === "int" ? parsePythonInt(text) : parsePythonFloat(text);
    if (value === undefined) throw usage(place, `argument ${name}: invalid ${row.type} value: ${pythonRepr(text)}`);
    return value;
  }
  if (row.type === "choice" && !row.choices?.includes(text)) {
    const choices = row.choices?.map(pythonRepr).join(", ");
    throw usage(place, `argument ${name}: invalid choice: ${pythonRepr(text)} (choose from ${choices})`);
  }
  return row.type === "path" ? expandHome(text) : text;
}

/** A sentence that quotes a whole prompt is no sentence. */
function shorten(text: string): string {
  return text.length <= 200 ? text : `${text.slice(0, 200)} ...`;
}

function strayAdvice(place: Place, strays: readonly string[]): string {
  if (place === "launch") return "";
  return strays[0]?.startsWith("-")
    ? "; put the prompt in double quotes if this belongs to it, -h lists the switches"
    : "; the prompt goes first";
}

function usage(place: Place, message: string): DreamError {
  return new DreamError(place === "launch" ? "usage/launch" : "usage/line", message);
}
