import { allNames, type Switch } from "./switch.js";
import { switchesAt } from "./table.js";

/** Column of the explanations, and of the end of a line. */
const COLUMN = 30;
const WIDTH = 100;

/** How a switch stands in this program. */
export type Standing = "works" | "later" | "no effect" | "old name";

export function standing(row: Switch): Standing {
  if (row.noEffect !== undefined) return "no effect";
  if (row.deprecated !== undefined) return "old name";
  return row.feature === undefined ? "works" : "later";
}

/**
 * Help for one place, made from the table: what works with an explanation each, the rest by name.
 *
 * @param usage the first line, for example `usage: dream [switches]`
 */
export function printHelp(place: "launch" | "line", usage: string): string {
  const rows = switchesAt(place);
  const having = (wanted: Standing) => rows.filter((row) => standing(row) === wanted);
  const blocks = grouped(having("works"), ({ group }) => group).map(([group, members]) => `${group}:\n${members.map(describe).join("\n")}`);
  const rest = [
    list(
      "Not available yet:",
      grouped(having("later"), ({ feature = "" }) => feature),
    ),
    list(
      "Without effect here:",
      grouped(having("no effect"), ({ noEffect = "" }) => noEffect),
    ),
    list(
      "Old names, taken with a warning:",
      grouped(having("old name"), ({ help }) => help),
    ),
  ];
  return [usage, ...blocks, ...rest.filter((block) => block !== "")].join("\n\n");
}

/** Spellings and value word of one switch: `-W, --width PIXELS`. */
export function spellings(row: Switch): string {
  const names = allNames(row).join(", ");
  return row.metavar === undefined ? names : `${names} ${row.metavar}`;
}

/** What a switch does with its range or choices and its built-in value: `sampler (ddim, plms, …; default k_lms)`. */
export function explanation(row: Switch): string {
  const facts = [
    row.fixOnly === undefined ? undefined : "in !fix alone",
    row.range && `${row.range.min} to ${row.range.max}`,
    row.choices && choicesOf(row.choices),
    row.fallback === undefined ? undefined : `default ${row.fallback}`,
  ].filter((fact) => fact !== undefined);
  return facts.length === 0 ? row.help : `${row.help} (${facts.join("; ")})`;
}

/** Numbers stand without a gap. */
function choicesOf(choices: NonNullable<Switch["choices"]>): string {
  return typeof choices[0] === "number" ? `${choices[0]} to ${choices.at(-1)}` : choices.join(", ");
}

/** Rows by what they share, in the order in which that first comes up. */
export function grouped(rows: readonly Switch[], by: (row: Switch) => string): [string, Switch[]][] {
  const groups = new Map<string, Switch[]>();
  for (const row of rows) groups.set(by(row), [...(groups.get(by(row)) ?? []), row]);
  return [...groups];
}

function list(title: string, groups: readonly (readonly [string, readonly Switch[]])[]): string {
  if (groups.length === 0) return "";
  const lines = groups.flatMap(([what, rows]) => {
    const names = rows.map((row) => allNames(row).join("/")).join(", ");
    const [first = "", ...rest] = wrap(`${what}: ${names}`, WIDTH - 4);
    return [`  ${first}`, ...rest.map((line) => `    ${line}`)];
  });
  return [title, ...lines].join("\n");
}

/** Behind names that are longer than the column an explanation begins at once where it fits into the line, else below them. */
function describe(row: Switch): string {
  const left = `  ${spellings(row)}`;
  const explained = explanation(row);
  if (left.length >= COLUMN && left.length + 2 + explained.length <= WIDTH) return `${left}  ${explained}`;
  const [first = "", ...rest] = wrap(explained, WIDTH - COLUMN);
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
