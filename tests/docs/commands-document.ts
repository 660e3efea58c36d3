import { join } from "node:path";
import { PACKAGE_ROOT } from "../../lib/package-root.js";
import type { Command } from "../../lib/repl/commands/command.js";
import { COMMANDS } from "../../lib/repl/commands/table.js";
import { code } from "./markdown.js";

export const COMMANDS_DOCUMENT = join(PACKAGE_ROOT, "docs", "commands.md");

/** The text of docs/commands.md, made from the table that the prompt looks commands up in. */
export function commandsDocument(): string {
  return `# Commands

Made from \`lib/repl/commands/table.ts\` by \`npm run docs\`; do not edit by hand.

A command is a line that begins with \`!\`. \`!help\` lists them at the prompt, \`!help COMMAND\` explains one. Backslashes in such a line
become slashes, so that paths of Windows need no care. \`q\` leaves the prompt, \`-h\` lists the switches of a prompt line.

| command | what it does |
|---|---|
${COMMANDS.map(row).join("\n")}

${COMMANDS.map(section).join("\n\n")}
`;
}

function row({ name, help }: Command): string {
  return `| [${code(name)}](#${anchor(name)}) | ${help} |`;
}

function section({ name, usage, help, details }: Command): string {
  const text = details === undefined ? "" : `\n\n${details}`;
  return `## ${name}\n\n\`\`\`\n${usage}\n\`\`\`\n\n${help.charAt(0).toUpperCase()}${help.slice(1)}.${text}`;
}

/** As GitHub makes them: small letters, only letters, digits, `_` and `-`. */
function anchor(name: string): string {
  return name.toLowerCase().replaceAll(/[^\w-]/g, "");
}
