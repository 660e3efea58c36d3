import { DreamError } from "../../errors.js";
import type { Desk } from "./command.js";

/** A question with its default in brackets or in the edit buffer. */
interface TextQuestion {
  readonly text: string;
  /** Taken for an empty answer. */
  readonly fallback: string;
  /** The default stands in the edit buffer instead of in brackets. */
  readonly prefilled?: boolean;
  /** What is wrong with an answer; it is then asked again. */
  readonly problemWith?: (answer: string) => string | undefined;
}

/**
 * Asks for a text until the answer is good.
 *
 * @param givenUp the sentence when the user gives up by Ctrl-C
 * @throws DreamError usage/line when the user gives up
 */
export async function askText(desk: Desk, { text, fallback, prefilled, problemWith }: TextQuestion, givenUp: string): Promise<string> {
  for (;;) {
    const question = prefilled ? { text: `${text}: `, initial: fallback } : { text: `${text} [${fallback}]: ` };
    const answer = await desk.ask(question);
    if (answer === undefined) throw new DreamError("usage/line", givenUp);
    const value = answer.replaceAll(/\p{Cc}/gu, " ").trim() || fallback;
    const problem = problemWith?.(value);
    if (problem === undefined) return value;
    desk.emit({ type: "problem", text: `** ${problem}` });
  }
}

/** Asks for yes or no. @throws DreamError usage/line when the user gives up */
export async function askYesNo(desk: Desk, text: string, fallback: boolean, givenUp: string): Promise<boolean> {
  const isAnswer = (answer: string) => /^(y|yes|n|no)$/i.test(answer);
  const problemWith = (answer: string) => (isAnswer(answer) ? undefined : "please answer y or n");
  const answer = await askText(desk, { text, fallback: fallback ? "y" : "n", problemWith }, givenUp);
  return /^y/i.test(answer);
}
