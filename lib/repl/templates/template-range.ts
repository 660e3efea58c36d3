import { DreamError } from "../../errors.js";
import { formatPythonFloat, parsePythonFloat, parsePythonInt } from "../../options/python-values.js";
import { MOST_TEMPLATE_LINES } from "./limits.js";

const WHOLE = /^(-?\d+);(-?\d+)(?:;(\d+))?/;
const FRACTIONS = /^(-?[\d.]+);(-?[\d.]+)(?:;([\d.]+))?/;

/**
 * Reads `start;stop;step` as `invokeai-dynamic-prompts` does: the values go on until one is at or beyond `stop`, so that 30;50;15 ends with
 * 60. What stands behind it is ignored, so between two whole numbers a fraction of the step is, too. A step of 0, or none, is 1.
 *
 * @param name of the section, for messages
 * @returns undefined when the text is no range; an empty list when it runs backwards
 * @throws DreamError file/unreadable when there are too many values
 */
export function readRange(text: string, name: string): string[] | undefined {
  const whole = WHOLE.exec(text);
  const match = whole ?? FRACTIONS.exec(text);
  if (!match) return undefined;
  const read = whole ? parsePythonInt : parsePythonFloat;
  const [start, stop, step] = [match[1], match[2], match[3] ?? "1"].map((part) => read(part as string));
  if (start === undefined || stop === undefined || step === undefined) return undefined;
  const by = step || 1;
  const end = stop + by;
  const count = Math.max(0, Math.ceil((end - start) / by));
  if (count > MOST_TEMPLATE_LINES) {
    throw new DreamError(
      "file/unreadable",
      `the range ${text.slice(0, 60)} of ${name} has ${count} values; at most ${MOST_TEMPLATE_LINES} are made`,
    );
  }
  // numpy's distance between two values, rounded as it is there.
  const distance = start + by - start;
  return Array.from({ length: count }, (_, i) => (whole ? String(start + i * by) : formatPythonFloat(start + i * distance)));
}
