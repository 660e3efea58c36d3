import { join } from "node:path";
import { explanation, grouped, type Standing, standing } from "../../lib/options/help.js";
import { allNames, type Switch } from "../../lib/options/switch.js";
import { switchesAt } from "../../lib/options/table.js";
import { PACKAGE_ROOT } from "../../lib/package-root.js";
import { code, inCell } from "./markdown.js";

export const SWITCHES_DOCUMENT = join(PACKAGE_ROOT, "docs", "switches.md");

type Place = "launch" | "line";

/** The text of docs/switches.md, made from the table that the parser reads. */
export function switchesDocument(): string {
  return `# Switches

Made from \`lib/options/table.ts\` by \`npm run docs\`; do not edit by hand.

Values may be attached (\`-W640\`), follow (\`-W 640\`) or stand behind \`=\`; flags of one letter may be joined (\`-gn4\`); long names may be
shortened while they stay unambiguous; the last of several counts. Switches that take several values take every word up to the next switch.

On a prompt line, switches with numbers or a choice may hold a list or a range in braces (\`-C{5,7.5,10}\`, \`-s{10..50..10}\`,
\`-A{k_euler,ddim}\`), and the prompt alternatives (\`{red|green}\`): every combination is made. A backslash makes a brace of the prompt literal.

## On a prompt line

${works("line")}

### Without effect on a prompt line

${reasons("line", "no effect", "why")}

## On the command line

Those that a prompt line has too are the defaults of every line.

${works("launch")}

### Not available yet on the command line

${later()}

### Without effect on the command line

They are taken, and it is told that they change nothing.

${reasons("launch", "no effect", "why")}

### Old names

They are taken with a warning.

${reasons("launch", "old name", "meaning")}
`;
}

function rowsOf(place: Place, wanted: Standing): Switch[] {
  return switchesAt(place).filter((row) => standing(row) === wanted);
}

function works(place: Place): string {
  return table(
    ["switch", "value", "meaning"],
    rowsOf(place, "works").map((row) => [names(row), value(row), inCell(explanation(row))]),
  );
}

function later(): string {
  const rows = grouped(rowsOf("launch", "later"), ({ feature = "" }) => feature).flatMap(([, members]) => members);
  return table(
    ["switch", "value", "meaning", "waits for"],
    rows.map((row) => [names(row), value(row), inCell(explanation(row)), inCell(row.feature ?? "")]),
  );
}

function reasons(place: Place, wanted: Standing, heading: string): string {
  return table(
    ["switch", "value", heading],
    rowsOf(place, wanted).map((row) => [names(row), value(row), inCell(row.noEffect ?? row.help)]),
  );
}

function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [headings, ...rows].map((cells) => `| ${cells.join(" | ")} |`);
  return [lines[0], `|${"---|".repeat(headings.length)}`, ...lines.slice(1)].join("\n");
}

function names(row: Switch): string {
  return allNames(row).map(code).join(" ");
}

function value(row: Switch): string {
  return row.metavar === undefined ? "" : code(row.metavar);
}
