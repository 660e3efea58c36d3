import { A1111_NEGATIVE, type ConvertedPrompt, convertA1111, convertA1111Halves } from "../prompt/convert-a1111.js";
import { findGroups, MOST_LINES } from "./brace-groups.js";
import { isRecordedLine } from "./recorded-line.js";
import { splitLine } from "./split-line.js";

/** A line whose prompt was written for AUTOMATIC1111's web interface, as it is written here. */
export interface TranslatedLine {
  readonly line: string;
  /** True when the prompt is written otherwise here. */
  readonly changed: boolean;
  /** A sentence for everything that our notation cannot say. */
  readonly notes: readonly string[];
}

/** The first of the characters that stand for groups of braces meanwhile: nobody's text holds private ones. */
const FIRST_PRIVATE = 0xe000;
const PRIVATE = /[\ue000-\uf8ff]/;

/**
 * Translates the prompt at the beginning of a line; `Negative prompt:` begins the negative part, as in the texts of that program's pictures.
 * Switches stay. Groups of braces stay groups, each alternative translated for itself. Lines that were recorded for a picture are ours.
 *
 * @throws DreamError usage/line as `splitLine` does
 */
export function translateA1111(typed: string): TranslatedLine {
  const line = typed.trim();
  const { prompt, switchesFrom } = splitLine(line);
  const { text, notes } = convertAroundGroups(prompt);
  if (isRecordedLine(line) || (text === prompt && notes.length === 0)) return { line, changed: false, notes: [] };
  return { line: `${quote(text)} ${line.slice(switchesFrom)}`.trim(), changed: text !== prompt, notes };
}

function convertAroundGroups(prompt: string): ConvertedPrompt {
  const groups = PRIVATE.test(prompt) ? [] : findGroups(prompt, "prompt");
  // As many alternatives make too many lines for a sweep, which is told by whoever spells it out.
  if (groups.length > MOST_LINES) return { text: prompt, notes: [] };
  const notes = new Set<string>();
  const spelled: string[] = [];
  let shielded = "";
  let from = 0;
  for (const { start, end, content } of groups) {
    const alternatives = content.split("|").map((alternative) => {
      const converted = convertA1111(alternative);
      for (const note of converted.notes) notes.add(note);
      return converted.text;
    });
    shielded += prompt.slice(from, start) + String.fromCharCode(FIRST_PRIVATE + spelled.length);
    spelled.push(`{${alternatives.join("|")}}`);
    from = end;
  }
  shielded += prompt.slice(from);
  const at = shielded.indexOf(A1111_NEGATIVE);
  const halves = at < 0 ? ([shielded, ""] as const) : ([shielded.slice(0, at), shielded.slice(at + A1111_NEGATIVE.length)] as const);
  const { text, notes: others } = convertA1111Halves(...halves);
  for (const note of others) notes.add(note);
  return { text: text.replace(/[\ue000-\uf8ff]/g, (mark) => spelled[mark.charCodeAt(0) - FIRST_PRIVATE] ?? mark), notes: [...notes] };
}

/** As `splitLine` reads it back; a backslash before a brace keeps its meaning. */
function quote(prompt: string): string {
  return `"${prompt.replace(/\\([{}])|\\[\s\S]|["\\]/g, (piece, brace?: string) => (brace ? piece : piece.replace(/["\\]/g, "\\$&")))}"`;
}
