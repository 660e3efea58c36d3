import { DreamError } from "../errors.js";
import { formatPythonFloat, parsePythonFloat } from "./python-values.js";

/** What `-tm` asks for. */
export interface TextMask {
  /** Names what is painted. */
  readonly text: string;
  /** From which likeness on, 0 … 1. */
  readonly threshold: number;
}

/** Likeness from which on a part of the picture counts where nobody names one, as in the reference. */
const USUAL_THRESHOLD = 0.5;
/** Characters; the network sees some 75 words. */
const LONGEST_TEXT = 1000;

/**
 * The words of `-tm`.
 *
 * @throws DreamError usage/line
 */
export function readTextMask([text = "", limit, ...others]: readonly string[]): TextMask {
  const wrong = (what: string) => new DreamError("usage/line", `-tm/--text_mask ${what}`);
  if (others.length > 0) throw wrong("takes a text and a threshold; put a text of several words in quotation marks");
  // A text with a dash could not be written down again.
  if (text.trim() === "" || text.startsWith("-")) throw wrong('needs a text that names what is painted: -tm "a hat" 0.5');
  if (text.length > LONGEST_TEXT) throw wrong(`takes at most ${LONGEST_TEXT} characters, not ${text.length}`);
  const threshold = limit === undefined ? USUAL_THRESHOLD : parsePythonFloat(limit);
  if (threshold === undefined || threshold < 0 || threshold > 1) {
    const advice = "put a text of several words in quotation marks";
    throw wrong(`takes a threshold from 0 to 1, not ${JSON.stringify(limit?.slice(0, 40))}; ${advice}`);
  }
  return { text, threshold };
}

/** The words that `readTextMask` reads. */
export function textMaskWords({ text, threshold }: TextMask): readonly string[] {
  return [text, formatPythonFloat(threshold)];
}
