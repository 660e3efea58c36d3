import { join } from "node:path";
import { explanation } from "../../lib/options/help.js";
import { type Switch, switchesAt } from "../../lib/options/table.js";
import { PACKAGE_ROOT } from "../../lib/package-root.js";
import { code, inCell } from "./markdown.js";

export const SWITCHES_DOCUMENT = join(PACKAGE_ROOT, "docs", "switches.md");

/** The text of docs/switches.md, made from the table that the parser reads. */
export function switchesDocument(): string {
  return `# Switches

Made from \`lib/options/table.ts\` by \`npm run docs\`; do not edit by hand.

## On a prompt line

${table("line")}

## On the command line

Those that a prompt line has too are the defaults of every line.

${table("launch")}
`;
}

function table(place: "launch" | "line"): string {
  const rows = switchesAt(place).map(
    (row) => `| ${names(row)} | ${row.metavar === undefined ? "" : code(row.metavar)} | ${inCell(explanation(row))} |`,
  );
  return ["| switch | value | meaning |", "|---|---|---|", ...rows].join("\n");
}

function names(row: Switch): string {
  return row.names.map(code).join(" ");
}
