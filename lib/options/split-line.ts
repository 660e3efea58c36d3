import { DreamError } from "../errors.js";
import { shellWords } from "./shell-words.js";
import { type Span, wordSpans } from "./word-spans.js";

/** A line cut in two. */
export interface SplitLine {
  /** Without the quotation marks that were only there to protect it. */
  readonly prompt: string;
  /** The words of the switch part. */
  readonly words: readonly string[];
  /** Where the switch part begins in the trimmed line; its length when there is none. */
  readonly switchesFrom: number;
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
  if (text.startsWith("-")) return { prompt: "", words: shellWords(text), switchesFrom: 0 };
  if (text.startsWith('"')) return splitQuoted(text);
  const match = UNQUOTED.exec(text);
  if (!match) return { prompt: text, words: [], switchesFrom: text.length };
  const [, prompt = "", switches = ""] = match;
  return { prompt, words: shellWords(switches), switchesFrom: text.length - switches.length };
}

function splitQuoted(text: string): SplitLine {
  const match = QUOTED.exec(text);
  if (!match) throw new DreamError("usage/line", 'No closing quotation; add the missing "');
  const quoted = (match[1] as string).replace(/\\(["\\])/g, "$1");
  const rest = match[2] as string;
  const { glued, words, spans } = wordsAfterQuotation(rest);
  const found = words.findIndex((word) => SWITCH_WORD.test(word));
  const firstSwitch = found < 0 ? words.length : found;
  return {
    prompt: [`${quoted}${glued}`, ...words.slice(0, firstSwitch)].join(" "),
    words: words.slice(firstSwitch),
    switchesFrom: text.length - rest.length + (spans[firstSwitch]?.start ?? rest.length),
  };
}

/**
 * The words behind a quotation, and what is glued to it, mostly nothing. An apostrophe (`"a cat" in a dog's hat`) is tried as a quotation
 * first, then as itself.
 */
function wordsAfterQuotation(rest: string): { glued: string; words: string[]; spans: readonly Span[] } {
  // An empty quotation in front makes a word of what is glued.
  const read = (text: string) => {
    const [glued = "", ...words] = shellWords(`""${text}`);
    return { glued, words };
  };
  const spans = (text: string) =>
    wordSpans(`""${text}`)
      .slice(1)
      .map(({ start, end }) => ({ start: start - 2, end: end - 2 }));
  try {
    return { ...read(rest), spans: spans(rest) };
  } catch (error) {
    if (!rest.includes("'")) throw error;
    // Another mark of the same length keeps the places.
    return { ...read(rest.replaceAll("'", "\\'")), spans: spans(rest.replaceAll("'", "x")) };
  }
}
