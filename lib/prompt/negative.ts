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
  const bracketed = [...prompt.matchAll(/\[(.*?)\]/g)];
  if (bracketed.length === 0) return { positive: prompt, negative: "" };
  return {
    positive: prompt.replace(/\[(.*?)\]/g, " ").replace(/ +/g, " "),
    negative: bracketed.map((match) => match[1]).join(" "),
  };
}
