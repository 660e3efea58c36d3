import { mkdirSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { images2prompt } from "../../../lib/cli/images2prompt.js";
import type { Engine } from "../../../lib/engine/engine.js";
import { PACKAGE_ROOT } from "../../../lib/package-root.js";
import { TerminalScreen } from "../../../tests/support/terminal-screen.js";
import { OnScreen, piped } from "./on-screen.js";
import type { Part, Preparation } from "./part.js";

const PICTURES = "outputs/img-samples";

/**
 * Plays the parts one after the other, each in a folder of its own, which becomes the working folder.
 *
 * @returns the sections of the document; seconds are left out, paths begin in the folder
 */
export async function playParts(parts: readonly Part[], folder: string, createEngine: () => Engine): Promise<string> {
  const sections: string[] = [];
  for (const [index, part] of parts.entries()) {
    const place = join(folder, String(index));
    mkdirSync(place, { recursive: true });
    process.chdir(place);
    sections.push(await play(part, createEngine));
  }
  return sections.join("\n\n");
}

async function play(part: Part, createEngine: () => Engine): Promise<string> {
  const paragraphs = [`### ${part.heading}`, part.told ?? []].flat();
  if (part.prepared) paragraphs.push(await prepare(part.prepared, createEngine));
  for (const path of part.touched ?? []) write(path, "");
  if (part.history) write(join(PICTURES, ".dream_history"), part.history.map((line) => `${line}\n`).join(""));
  const command = ["$ dream", ...part.launch].join(" ");
  if (part.acts) {
    const program = new OnScreen(part.launch, createEngine);
    const start = await program.opened();
    let rows = part.showsStart ? [command, ...start] : [command];
    for (const act of part.acts) {
      if (act.told !== undefined) {
        const untouched = rows.length === 1;
        if (!untouched) paragraphs.push(block(rows));
        paragraphs.push(act.told);
        if (!untouched) rows = [];
      }
      rows = [...rows, ...(await program.play(act))];
    }
    paragraphs.push(block(rows));
    await program.close();
  }
  if (part.piped) {
    const { rows, status } = await piped(part.launch, part.piped, createEngine);
    paragraphs.push("`lines.txt`:", block(part.piped), block([`${command} < lines.txt; echo $?`, ...rows, String(status)]));
  }
  if (part.images2prompt) paragraphs.push(block(await showPrompts()));
  return paragraphs.join("\n\n");
}

/** @returns a sentence that says what was made */
async function prepare(preparations: readonly Preparation[], createEngine: () => Engine): Promise<string> {
  const said: string[] = [];
  for (const { line, as } of preparations) {
    await piped(["-o", "prepared"], [line], createEngine);
    const [name = ""] = readdirSync("prepared").filter((file) => file.endsWith(".png"));
    mkdirSync(dirname(as), { recursive: true });
    renameSync(join("prepared", name), as);
    said.push(`\`${as}\` by \`${line}\``);
  }
  return `Made before: ${said.join(", ")}.`;
}

async function showPrompts(): Promise<readonly string[]> {
  const files = readdirSync(PICTURES).filter((name) => name.endsWith(".png"));
  const screen = new TerminalScreen(1000, 1000);
  await images2prompt(
    files.sort().map((name) => `${PICTURES}/${name}`),
    screen,
    screen,
  );
  return [`$ images2prompt ${PICTURES}/*.png`, ...screen.lines];
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

/** Rows as they are, but for what differs from run to run and from machine to machine. */
function block(rows: readonly string[]): string {
  const text = rows
    .join("\n")
    .replaceAll(`${PACKAGE_ROOT}/`, "")
    .replaceAll(/\d+\.\d+s\b/g, "…s");
  return `\`\`\`\n${text.trim()}\n\`\`\``;
}
