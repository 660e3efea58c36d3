import { type Switch, switchesAt } from "./table.js";

/** Column of the explanations, and of the end of a line. */
const COLUMN = 30;
const WIDTH = 100;

/**
 * Help for one place, made from the table.
 *
 * @param usage the first line, for example `usage: dream [switches]`
 */
export function printHelp(place: "launch" | "line", usage: string): string {
  const rows = switchesAt(place);
  const groups = [...new Set(rows.map((row) => row.group))];
  const blocks = groups.map((group) => [`${group}:`, ...rows.filter((row) => row.group === group).map(describe)].join("\n"));
  return [usage, ...blocks].join("\n\n");
}

/** Spellings and value word of one switch: `-W, --width PIXELS`. */
export function spellings(row: Switch): string {
  const names = row.names.join(", ");
  return row.metavar === undefined ? names : `${names} ${row.metavar}`;
}

/** What a switch does with its range or choices and its built-in value: `sampler (ddim, plms, …; default k_lms)`. */
export function explanation(row: Switch): string {
  const range = row.range && `${row.range.min} to ${row.range.max}`;
  const facts = [range, row.choices?.join(", "), row.fallback === undefined ? undefined : `default ${row.fallback}`].filter(
    (fact) => fact !== undefined,
  );
  return facts.length === 0 ? row.help : `${row.help} (${facts.join("; ")})`;
}

function describe(row: Switch): string {
  const left = `  ${spellings(row)}`;
  const [first = "", ...rest] = wrap(explanation(row), WIDTH - COLUMN);
  const indented = rest.map((line) => `\n${" ".repeat(COLUMN)}${line}`).join("");
  return `${left.length < COLUMN ? left.padEnd(COLUMN) : `${left}\n${" ".repeat(COLUMN)}`}${first}${indented}`;
}

/** Breaks text at blanks into lines of at most `width` characters, where a word is not longer. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + 1 + word.length <= width) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines;
}
