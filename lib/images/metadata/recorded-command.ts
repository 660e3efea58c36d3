import type { LineValues } from "../../options/table.js";

/** Whose notation a command was found in. "sd-metadata" and "dream" are this family's own. */
export type Dialect = "sd-metadata" | "dream" | "parameters" | "imagine";

/** What was done to a picture after it was made. */
export interface PostprocessingStep {
  readonly tool: string;
  /** `!fix "path" …`; "" when only the tool is known. */
  readonly dreamCommand: string;
  /** How the tool worked, where there are several ways. */
  readonly method?: string;
}

/** What a picture says about itself, in the words of our table of switches; every reader of a notation makes one of these. */
export interface RecordedCommand {
  /** The whole line, where the other fields describe only the first picture of several. */
  readonly command?: string;
  readonly dialect: Dialect;
  /** Set when the picture was made from another file, which `prompt` then names. */
  readonly verb?: "!fix" | "!mask";
  readonly prompt: string;
  /** What the picture does not say is absent. */
  readonly values: LineValues;
  /** What could not be carried over, one sentence each without a final stop. */
  readonly notes: readonly string[];
  readonly modelId?: string;
  readonly modelHash?: string;
  readonly postprocessing: readonly PostprocessingStep[];
}

/** Told of every picture of a program that does not say whether it drew on a processor or on a GPU. */
export const UNKNOWN_NOISE = "the source of the noise is not recorded; for a picture made on a GPU add --rng cuda";

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
  const line = oneLine(text.slice(0, 1000));
  return line.length <= 60 ? line : `${line.slice(0, 60)}...`;
}
