import { type Switch, switchesAt } from "./table.js";

const COLUMN = 30;

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
  return left.length < COLUMN ? left.padEnd(COLUMN) + explanation(row) : `${left}\n${" ".repeat(COLUMN)}${explanation(row)}`;
}
