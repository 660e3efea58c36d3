import { parseSwitches } from "./parse-switches.js";
import { splitLine } from "./split-line.js";
import { type LaunchValues, type LineValues, switchesAt } from "./table.js";

/** A prompt line as it was given: nothing cascaded, nothing checked beyond types and choices. */
export type ParsedLine = LineValues & { readonly prompt: string };

/**
 * Reads a prompt line.
 *
 * @throws DreamError usage/line with one sentence
 */
export function parseLine(line: string): ParsedLine {
  const { prompt, words } = splitLine(line);
  // The table's types and the converter agree row by row, which the compiler cannot see through a loop.
  const values = parseSwitches(words, switchesAt("line"), "line") as LineValues;
  return { ...values, prompt: values.prompt || prompt };
}

/**
 * Reads the command line.
 *
 * @param words without the interpreter and the script
 * @throws DreamError usage/launch with one sentence
 */
export function parseLaunch(words: readonly string[]): LaunchValues {
  return parseSwitches(words, switchesAt("launch"), "launch") as LaunchValues;
}
