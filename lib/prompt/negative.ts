/** The two halves of a prompt. */
export interface PromptHalves {
  readonly positive: string;
  /** "" when the prompt has no `[...]`. */
  readonly negative: string;
}

/**
 * Takes `[...]` out of a prompt: what stands in brackets is what the picture should not show.
 *
 * Brackets do not nest and an unclosed one stays text. Where something was taken out, runs of blanks become one; the ends are not
 * trimmed, because the tokeniser ignores blanks and the reference leaves them.
 */
export function splitNegative(prompt: string): PromptHalves {
  // Beyond the last closing bracket nothing can match, and a long row of opening ones there would be searched again and again.
  const end = prompt.lastIndexOf("]") + 1;
  const negatives: string[] = [];
  const rest = prompt.slice(0, end).replace(/\[([^\]\n]*)\]/g, (_, inside: string) => {
    negatives.push(inside);
    return " ";
  });
  if (negatives.length === 0) return { positive: prompt, negative: "" };
  return { positive: (rest + prompt.slice(end)).replace(/ +/g, " "), negative: negatives.join(" ") };
}
