import { SWITCHES, type Switch } from "../options/table.js";

/** Whose notation a command was found in. "sd-metadata" and "dream" are this family's own. */
export type Dialect = "sd-metadata" | "dream" | "parameters" | "imagine";

/** A noise that was mixed into that of the seed. */
export interface RecordedVariation {
  readonly seed: number;
  /** 0 … 1 */
  readonly weight: number;
}

export type RecordedValue = string | number | boolean | readonly string[] | readonly number[] | readonly RecordedVariation[];

/** What was done to a picture after it was made. */
export interface PostprocessingStep {
  readonly tool: string;
  /** `!fix "path" …`; "" when only the tool is known. */
  readonly dreamCommand: string;
}

/** What a picture says about itself, in the words of our table of switches; every reader of a notation makes one of these. */
export interface RecordedCommand {
  readonly dialect: Dialect;
  /** Set when the picture was made from another file, which `prompt` then names. */
  readonly verb?: "!fix" | "!mask";
  readonly prompt: string;
  /** By key of the table; what the picture does not say is absent. */
  readonly values: Readonly<Record<string, RecordedValue>>;
  /** What could not be carried over, one sentence each without a final stop. */
  readonly notes: readonly string[];
  readonly modelId?: string;
  readonly modelHash?: string;
  readonly postprocessing: readonly PostprocessingStep[];
}

/** More are cut off: nobody reads them, and a hostile file could hold thousands. */
const MAX_NOTES = 20;

/**
 * Collects values and notes of one picture. A value that its switch would refuse is left out and noted, so that the line that comes of
 * it always runs.
 */
export class RecordedValues {
  readonly values: Record<string, RecordedValue> = {};
  readonly notes: string[] = [];

  /** Says what could not be carried over, once. */
  note(sentence: string): void {
    if (this.notes.length < MAX_NOTES && !this.notes.includes(sentence)) this.notes.push(sentence);
  }

  /** Takes a whole number or a decimal one (as the row wants it) from a JSON number or a numeral. */
  number(key: string, recorded: unknown): void {
    const value = toNumber(recorded);
    if (recorded === undefined || recorded === null || recorded === "") return;
    const row = rowOf(key);
    const fits = row !== undefined && value !== undefined && (row.type !== "int" || Number.isInteger(value)) && inRange(value, row.range);
    if (fits) this.values[key] = value;
    else this.note(`${row?.names[0] ?? key} ${shorten(String(recorded))} is not possible here and is left out`);
  }

  /** Takes a text that is not empty. */
  text(key: string, recorded: unknown): void {
    if (typeof recorded === "string" && recorded !== "") this.values[key] = oneLine(recorded);
  }

  /** Takes the variations that are possible; the others are noted. */
  variations(recorded: readonly RecordedVariation[]): void {
    const range = rowOf("seed")?.range;
    const possible = recorded.filter(({ seed, weight }) => Number.isInteger(seed) && inRange(seed, range) && weight >= 0 && weight <= 1);
    if (possible.length < recorded.length) this.note("a variation that is not possible here is left out");
    if (possible.length > 0) this.values.withVariations = possible;
  }

  /** Sets a switch that is on; one that is off is not recorded. */
  flag(key: string, recorded: unknown): void {
    if (recorded === true) this.values[key] = true;
  }
}

function rowOf(key: string): Switch | undefined {
  return (SWITCHES as readonly Switch[]).find((row) => row.key === key);
}

function inRange(value: number, range: Switch["range"]): boolean {
  return range === undefined || (value >= range.min && value <= range.max);
}

/** A finite number out of JSON or out of a text. */
export function toNumber(recorded: unknown): number | undefined {
  if (typeof recorded === "number") return Number.isFinite(recorded) ? recorded : undefined;
  if (typeof recorded !== "string" || !/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(recorded.trim())) return undefined;
  const value = Number(recorded);
  return Number.isFinite(value) ? value : undefined;
}

/**
 * Text of an unknown picture on its way to a line that the user edits: line ends become blanks, as they do in a prompt, and other
 * control characters (which could steer the terminal) go. Tabs stay.
 */
export function oneLine(text: string): string {
  return text.replace(/[\r\n\u2028\u2029]+/g, " ").replace(/(?!\t)\p{Cc}/gu, "");
}

/** A foreign text inside a sentence. */
export function shorten(text: string): string {
  const line = oneLine(text);
  return line.length <= 60 ? line : `${line.slice(0, 60)}...`;
}
