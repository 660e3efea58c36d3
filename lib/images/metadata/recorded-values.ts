import { type LineValues, type Switch, switchesAt } from "../../options/table.js";
import { readTextMask, textMaskWords } from "../../options/text-mask.js";
import { printVariations, type Variation } from "../../options/variations.js";
import { familySampler } from "./foreign-samplers.js";
import { oneLine, shorten, toNumber } from "./recorded-command.js";

/** The switches whose value has this type. */
type KeysOf<T> = {
  [K in keyof LineValues]-?: [NonNullable<LineValues[K]>, T] extends [T, NonNullable<LineValues[K]>] ? K : never;
}[keyof LineValues];

/** Longest text of a switch, in characters, and most words of one: paths are no longer, and a line must stay editable. */
const MAX_TEXT = 4096;
const MAX_WORDS = 100;

/** More are cut off: nobody reads them, and a hostile file could hold thousands. */
const MAX_NOTES = 20;

/**
 * Collects what a picture says. A value that its switch would refuse is left out and noted, so that the line that comes of it can be
 * read.
 */
export class RecordedValues {
  readonly values: { -readonly [K in keyof LineValues]: LineValues[K] } = {};
  readonly notes: string[] = [];

  /** Says what could not be carried over, once. */
  note(sentence: string): void {
    if (this.notes.length < MAX_NOTES && !this.notes.includes(sentence)) this.notes.push(sentence);
  }

  /** Takes a JSON number or a numeral, whole when the switch wants that. Nothing at all is no number and no mistake. */
  number(key: KeysOf<number>, recorded: unknown): void {
    if (recorded === undefined || recorded === null || recorded === "") return;
    const value = toNumber(recorded);
    const { names, type, range } = rowOf(key);
    const fits = value !== undefined && (type !== "int" || Number.isInteger(value)) && inRange(value, range);
    if (fits) this.values[key] = value;
    else this.note(`${names[0]} ${shorten(String(recorded))} is not possible here and is left out`);
  }

  /** Takes what the reader of switches understood, but for numbers out of range and values that no command ever had. */
  take(values: LineValues): void {
    for (const [key, value] of Object.entries(values)) {
      if (key === "textMask") this.textMask(value as readonly string[]);
      else if (typeof value === "number") this.number(key as KeysOf<number>, value);
      else if (typeof value === "boolean" || isShort([value].flat())) Object.assign(this.values, { [key]: value });
      else this.noteLength(key as keyof LineValues);
    }
  }

  /** Takes a text mask; InvokeAI wrote texts of several words without quotation marks. */
  textMask(words: readonly string[]): void {
    const hasLimit = words.length > 1 && toNumber(words.at(-1)) !== undefined;
    const text = oneLine((hasLimit ? words.slice(0, -1) : words).join(" "));
    try {
      this.values.textMask = textMaskWords(readTextMask(hasLimit ? [text, words.at(-1) as string] : [text]));
    } catch {
      this.note(`${rowOf("textMask").names[0]} ${shorten(words.join(" "))} is not possible here and is left out`);
    }
  }

  /** Takes a text that is not empty. */
  text(key: KeysOf<string>, recorded: unknown): void {
    if (typeof recorded !== "string" || recorded === "") return;
    if (isShort([recorded])) this.values[key] = oneLine(recorded);
    else this.noteLength(key);
  }

  private noteLength(key: keyof LineValues): void {
    this.note(`the value of ${rowOf(key).names[0]} is too long and is left out`);
  }

  /** Takes a list of JSON numbers of this length at most; anything else is noted. */
  numbers(key: "embiggen" | "embiggenTiles", recorded: unknown, most: number): void {
    if (recorded === undefined || recorded === null) return;
    const listed: readonly unknown[] = Array.isArray(recorded) ? recorded : [];
    const isWhole = rowOf(key).type === "ints";
    const fits = listed.every((value) => toNumber(value) !== undefined && (!isWhole || Number.isInteger(value)));
    if (fits && listed.length > 0 && listed.length <= most) this.values[key] = listed.map(Number);
    else this.note(`${rowOf(key).names[0]} ${shorten(JSON.stringify(recorded))} is not possible here and is left out`);
  }

  /** Takes one of the words that a switch knows. */
  choice(key: "infillMethod", recorded: unknown): void {
    if (recorded === undefined || recorded === null) return;
    const known = rowOf(key).choices?.some((word) => word === recorded);
    if (known) this.values[key] = recorded as NonNullable<LineValues[typeof key]>;
    else this.note(`${rowOf(key).names[0]} ${shorten(String(recorded))} is not possible here and is left out`);
  }

  /** Sets a switch that is on; one that is off is not recorded. */
  flag(key: KeysOf<boolean>, recorded: unknown): void {
    if (recorded === true) this.values[key] = true;
  }

  /** Takes a sampler by the name that this family of programs gives it. */
  sampler(name: string): void {
    const sampler = familySampler(name);
    if (sampler !== undefined) this.values.sampler = sampler;
    else this.noteSampler(name);
  }

  /** Says that an algorithm is missing. */
  noteSampler(name: string): void {
    this.note(`there is no sampler "${shorten(name)}" here; another one stands in its place`);
  }

  /** Takes the variations that are possible; the others are noted. */
  variations(recorded: readonly Variation[]): void {
    const { range } = rowOf("seed");
    const possible = recorded.filter(({ seed, weight }) => Number.isInteger(seed) && inRange(seed, range) && weight >= 0 && weight <= 1);
    if (possible.length < recorded.length) this.note("a variation that is not possible here is left out");
    if (possible.length > 0) this.values.withVariations = printVariations(possible);
  }
}

function isShort(words: readonly (string | number)[]): boolean {
  return words.length <= MAX_WORDS && words.every((word) => String(word).length <= MAX_TEXT);
}

function rowOf(key: keyof LineValues): Switch {
  return switchesAt("line").find((row) => row.key === key) as Switch;
}

/** No switch without a range of its own takes less than nothing. */
function inRange(value: number, range: Switch["range"]): boolean {
  return value >= (range?.min ?? 0) && value <= (range?.max ?? Number.MAX_VALUE);
}
