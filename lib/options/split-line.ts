import { DreamError } from "../errors.js";
import { shellWords } from "./shell-words.js";

/** A line cut in two. */
export interface SplitLine {
  /** Without the quotation marks that were only there to protect it. */
  readonly prompt: string;
  /** The words of the switch part. */
  readonly words: readonly string[];
}

/** The first white space that is followed by `-x` or `--x`: there the prompt ends. `tight-rope`, ` - ` and ` -1 degree` stay in it. */
const UNQUOTED = /^(.*?\S)\s+(--?[A-Za-z].*)$/s;
/** A quotation at the start of the line; `\"` and `\\` are escapes in it. */
const QUOTED = /^"((?:[^"\\]|\\.)*)"(.*)$/s;
const SWITCH_WORD = /^--?[A-Za-z]/;

/**
 * Separates prompt and switches.
 *
 * - A line that starts with `-` is all switches.
 * - A line that starts with `"` is cut into words like a shell does; words between the quotation and the first switch still belong to
 *   the prompt (the dream.py generation joined them, the invoke generation called them an error).
 * - Any other line keeps its apostrophes, quotation marks and `#` literally up to the first switch.
 *
 * @throws DreamError usage/line when a quotation is left open
 */
export function splitLine(line: string): SplitLine {
  const text = line.trim();
  if (text.startsWith("-")) return { prompt: "", words: shellWords(text) };
  if (text.startsWith('"')) return splitQuoted(text);
  const match = UNQUOTED.exec(text);
  return match ? { prompt: match[1] as string, words: shellWords(match[2] as string) } : { prompt: text, words: [] };
}

function splitQuoted(text: string): SplitLine {
  const match = QUOTED.exec(text);
  if (!match) throw new DreamError("usage/line", 'No closing quotation; add the missing "');
  const quoted = (match[1] as string).replace(/\\(["\\])/g, "$1");
  const [glued, ...words] = wordsAfterQuotation(match[2] as string);
  const firstSwitch = words.findIndex((word) => SWITCH_WORD.test(word));
  const more = firstSwitch < 0 ? words : words.slice(0, firstSwitch);
  return { prompt: [`${quoted}${glued}`, ...more].join(" "), words: firstSwitch < 0 ? [] : words.slice(firstSwitch) };
}

/**
 * The words behind a quotation; the first is what is glued to it, mostly nothing. An apostrophe (`"a cat" in a dog's hat`) is tried as a
 * quotation first, then as itself.
 */
function wordsAfterQuotation(rest: string): string[] {
  try {
    return shellWords(`""${rest}`);
  } catch (error) {
    if (!rest.includes("'")) throw error;
    return shellWords(`""${rest.replaceAll("'", "\\'")}`);
  }
}
