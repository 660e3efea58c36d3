import { DreamError } from "../../lib/errors.js";
import { parseLine } from "../../lib/options/read.js";
import { resolveLine } from "../../lib/options/resolve.js";
import { expandSweeps } from "../../lib/options/sweep.js";

/**
 * Everything that happens to a line before a picture is made.
 *
 * @returns the sentence that refused it, or undefined
 * @throws whatever is not a DreamError, and when a sentence is no sentence
 */
export function readHostileLine(line: string): string | undefined {
  try {
    for (const { line: concrete } of expandSweeps(line).lines.slice(0, 20)) {
      resolveLine(parseLine(concrete), {}, { width: 512, height: 512 });
    }
    return undefined;
  } catch (error) {
    if (!(error instanceof DreamError)) throw error;
    if (error.sentence.trim() === "" || error.sentence.length > 1000) throw new Error(`no sentence: ${error.sentence}`);
    return error.sentence;
  }
}
