import { join } from "node:path";
import type { Engine } from "../../../lib/engine/engine.js";
import { PACKAGE_ROOT } from "../../../lib/package-root.js";
import { GUIDE_TOUR } from "./guide-tour.js";
import { ORIGINAL_EXAMPLES } from "./original-examples.js";
import { playParts } from "./play-parts.js";

export const TRANSCRIPT = join(PACKAGE_ROOT, "docs", "transcript.md");

const INTRODUCTION = `# Transcript

What this program answers, made by \`npm run docs:transcript\`; do not edit by hand. The program is the real one with its built-in model
\`crayon\`, which has never seen a camel: the pictures are not the point here. Seconds are left out, and seeds that were not asked for
differ from run to run.

## The original examples

Those of the page that introduced dream.py's command line, in their order, typed exactly as they are printed there.`;

const TOUR = `## The tour of the user guide

Lines of the [user guide](user-guide.md) with their answers.`;

/** The text of docs/transcript.md. @param folder empty; pictures are made there */
export async function transcriptDocument(folder: string, createEngine: () => Engine): Promise<string> {
  const examples = await playParts(ORIGINAL_EXAMPLES, join(folder, "examples"), createEngine);
  const tour = await playParts(GUIDE_TOUR, join(folder, "tour"), createEngine);
  return `${[INTRODUCTION, examples, TOUR, tour].join("\n\n")}\n`;
}

/**
 * The document with some of its parts played anew.
 *
 * @param headings of the parts
 * @throws Error when there is no such part
 */
export async function renewedDocument(
  document: string,
  headings: readonly string[],
  folder: string,
  createEngine: () => Engine,
): Promise<string> {
  let renewed = document;
  for (const [index, heading] of headings.entries()) {
    const part = [...ORIGINAL_EXAMPLES, ...GUIDE_TOUR].find((candidate) => candidate.heading === heading);
    const start = document.indexOf(`### ${heading}\n`);
    if (part === undefined || start < 0) throw new Error(`the transcript has no part ${heading}`);
    const old = /^### .*\n[\s\S]*?(?=\n\n##|\n$(?![\s\S]))/.exec(document.slice(start))?.[0] as string;
    const played = await playParts([part], join(folder, String(index)), createEngine);
    renewed = renewed.replace(old, () => played);
  }
  return renewed;
}
