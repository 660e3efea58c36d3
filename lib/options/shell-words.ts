import { parse } from "shell-quote";
import { DreamError } from "../errors.js";

/**
 * Splits text into words as Python's shlex does with comments on: single and double quotes, backslash escapes, and `#` at the start of
 * a word hides the rest of the line.
 *
 * shell-quote reads a *shell's* language, where `(`, `$5`, `*` and `|` mean something. None of them does here, so they are escaped on
 * the way in and whatever still comes back as an operator or a pattern is turned into its text again.
 *
 * @throws DreamError usage/line when a quotation is left open (shell-quote itself drops the rest without a word)
 */
export function shellWords(text: string): string[] {
  const entries = parse(escapeShellOnlyCharacters(text), (name) => `$${name}`);
  return entries.map((entry) => {
    if (typeof entry === "string") return entry;
    if ("pattern" in entry) return entry.pattern;
    return "op" in entry ? entry.op : "";
  });
}

/** Characters that a shell treats specially outside quotations and shlex does not. */
const SHELL_ONLY = /[$|&;()<>*?`]/;

function escapeShellOnlyCharacters(text: string): string {
  let out = "";
  let quote: "'" | '"' | undefined;
  let wordBegins = true;
  for (let i = 0; i < text.length; i++) {
    const character = text[i] as string;
    if (quote === "'") {
      if (character === "'") quote = undefined;
      out += character;
    } else if (quote === '"') {
      if (character === '"') {
        quote = undefined;
        out += character;
      } else if (character === "\\") {
        // Inside double quotes only \" and \\ are escapes; any other backslash stands for itself.
        const next = text[i + 1];
        if (next === '"' || next === "\\") {
          out += `\\${next}`;
          i++;
        } else {
          out += "\\\\";
        }
      } else {
        out += character === "$" ? "\\$" : character;
      }
    } else if (character === "#" && wordBegins) {
      return out;
    } else if (character === "\\") {
      if (i + 1 === text.length) throw openQuotation("escaped character after the final \\");
      // A word of its own in quotes: shell-quote takes only some characters after a bare backslash.
      const next = text[++i] as string;
      out += next === "'" ? `"'"` : `'${next}'`;
    } else {
      if (character === "'" || character === '"') quote = character;
      out += SHELL_ONLY.test(character) || character === "#" ? `'${character}'` : character;
    }
    wordBegins = quote === undefined && /\s/.test(character);
  }
  if (quote !== undefined) throw openQuotation(`closing quotation; add the missing ${quote}`);
  return out;
}

function openQuotation(what: string): DreamError {
  return new DreamError("usage/line", `No ${what}`);
}
