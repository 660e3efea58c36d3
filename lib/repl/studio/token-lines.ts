import type { TokenLog } from "../../conditioning/token-log.js";
import { printable } from "../printable.js";

/** Gives a token its colour; `index` counts the tokens of a text. */
export type PaintToken = (token: string, index: number) => string;

/**
 * What `-t` prints, in the words of InvokeAI 2.3.
 *
 * @param paint leaves the tokens plain when absent
 */
export function tokenLines({ prompt, negative, texts }: TokenLog, paint: PaintToken = (token) => token): string[] {
  const painted = (tokens: readonly string[]) => tokens.map((token, i) => paint(printable(token), i)).join("");
  const lines = [`>> [TOKENLOG] Parsed Prompt: ${printable(prompt)}`, `>> [TOKENLOG] Parsed Negative Prompt: ${printable(negative)}`];
  for (const { label, tokens, discarded } of texts) {
    lines.push(`>> [TOKENLOG] Tokens ${label === "" ? "" : `${label} `}(${tokens.length}):`, painted(tokens));
    if (discarded.length > 0) lines.push(`>> [TOKENLOG] Tokens Discarded (${discarded.length}):`, painted(discarded));
  }
  return lines;
}
