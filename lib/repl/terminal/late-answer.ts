import type { Key } from "node:readline";

/** How readline cuts a terminal's answers: the key that begins one, what belongs to it, what ends it. */
// biome-ignore-start lint/suspicious/noControlCharactersInRegex: answers begin with a control character
const ANSWERS = [
  { begins: /^\x1b_$/, within: /^[\w=;:.]$/, ends: /^\x1b\\$/ },
  { begins: /^\x1b\[\?$/, within: /^[\d;]$/, ends: /^c$/ },
  { begins: /^\x1b\[6;\d{0,2}$/, within: /^[\d;]$/, ends: /^t$/ },
] as const;
// biome-ignore-end lint/suspicious/noControlCharactersInRegex: the end of them
/** No finger is so quick: the first of these keys is Alt-_ when somebody presses it. */
const QUICK_MS = 20;

/** Keeps an answer of the terminal that came too late to be waited for from being taken for typing. */
export class LateAnswer {
  private answer: (typeof ANSWERS)[number] | undefined;
  private lastKey = 0;

  /**
   * @param now milliseconds
   * @returns true when the key belongs to an answer
   */
  take(key: Key, now = performance.now()): boolean {
    const sequence = key.sequence ?? "";
    const answer = now - this.lastKey < QUICK_MS ? this.answer : undefined;
    this.lastKey = now;
    if (answer?.within.test(sequence)) return true;
    this.answer = ANSWERS.find(({ begins }) => begins.test(sequence));
    return this.answer !== undefined || answer?.ends.test(sequence) === true;
  }
}
