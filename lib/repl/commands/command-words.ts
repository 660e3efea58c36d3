import { parseSwitches } from "../../options/parse-switches.js";
import { shellWords } from "../../options/shell-words.js";
import type { Switch } from "../../options/table.js";

/** What stands behind a command's name. */
export interface CommandWords {
  /** Everything before the first switch; blanks within need quotation marks only where there are several in a row. */
  readonly thing: string;
  /** What the switches gave, by key. */
  readonly values: Readonly<Record<string, unknown>>;
}

/**
 * Splits the argument of a command by the rules of a prompt line's switches; the switches have two dashes.
 *
 * @throws DreamError usage/line
 */
export function readCommandWords(argument: string, switches: readonly Switch[]): CommandWords {
  const words = shellWords(argument);
  const first = words.findIndex((word) => word.startsWith("--"));
  const end = first === -1 ? words.length : first;
  return { thing: words.slice(0, end).join(" "), values: parseSwitches(words.slice(end), switches, "line") };
}

/** The text that a switch gave. */
export function textOf({ values }: CommandWords, key: string): string | undefined {
  const value = values[key];
  return typeof value === "string" ? value : undefined;
}

/** A row for a switch of a command: those of prompt lines are in the table of switches. */
export function commandSwitch(key: string, name: `--${string}`, type: Switch["type"], help: string): Switch {
  return { key, names: [name], type, where: "line", group: "Model", help };
}
