import { DreamError } from "../errors.js";
import { type Arguments, type Occurrence, readArguments, shorten, usageError } from "./read-arguments.js";
import { allNames, negations, type Switch } from "./switch.js";
import { switchesAt } from "./table.js";

/** A command line told apart: what the program is started with, and the line to run, where there is one. */
export interface SplitCommandLine {
  readonly launchWords: readonly string[];
  /** A prompt line or a command; undefined when the program is to read lines. */
  readonly line?: string;
}

/**
 * Finds the prompt on a command line: `dream "a red circle" -s 20`.
 *
 * Words that belong to no switch are the prompt, joined by blanks. With a prompt, whatever a prompt line knows has its meaning there,
 * before and behind the prompt (`-V` are variations, `-F` is --fit, `-c` outcrop); the rest is the program's. Without one all switches
 * are the program's. `!command` takes everything behind it; what stands before it is the program's. Behind `--` everything is prompt.
 *
 * @throws DreamError usage/launch
 */
export function splitCommandLine(words: readonly string[]): SplitCommandLine {
  return splitCommand(words) ?? splitPrompt(words) ?? { launchWords: words };
}

function splitCommand(words: readonly string[]): SplitCommandLine | undefined {
  const at = words.findIndex((word) => word.startsWith("!"));
  if (at < 0) return undefined;
  const [command = "", ...rest] = words.slice(at);
  const before = words[at - 1] === "--" ? words.slice(0, at - 1) : words.slice(0, at);
  const read = tryToRead(before, switchesAt("launch"));
  // A word of a prompt may begin so, too.
  if (read instanceof DreamError || read.strays.length > 0) return undefined;
  return { launchWords: before, line: [command, ...rest.map(quoteWord)].join(" ") };
}

function splitPrompt(words: readonly string[]): SplitCommandLine | undefined {
  const read = tryToRead(words, promptSwitches());
  const alone = tryToRead(words, switchesAt("launch"));
  if (read instanceof DreamError) {
    const looksLikePrompt = words[0]?.startsWith("-") === false;
    if (alone instanceof DreamError ? !looksLikePrompt : alone.strays.length === 0) return undefined;
    throw read;
  }
  const { occurrences, strays, plain } = read;
  const named = occurrences.findLast(({ row }) => row.key === "prompt")?.texts[0];
  if (plain.length === 0 && named === undefined) {
    if (alone instanceof DreamError || alone.plain.length === 0) return undefined;
    // A switch that takes several words on a line has taken the prompt.
    const taken = shorten(alone.plain.join(" "));
    throw usageError("launch", `unrecognized arguments: ${taken}; a prompt goes before such switches, or behind --`);
  }
  const unknown = strays.filter((word) => !plain.includes(word) && word !== "--");
  if (unknown.length > 0) throw usageError("launch", `unrecognized arguments: ${shorten(unknown.join(" "))}`);
  const forLine = occurrences.filter(({ row }) => !isForProgram(row) && row.key !== "prompt");
  const prompt = quotePrompt(named || plain.join(" "));
  return {
    launchWords: occurrences.filter(({ row }) => isForProgram(row)).flatMap(spell),
    line: [prompt, ...forLine.flatMap(spell).map(quoteWord)].join(" "),
  };
}

/** A line's output folder is the program's, so that it starts at the root, and no other is made. */
function isForProgram({ key, where }: Switch): boolean {
  return where === "launch" || key === "outdir" || key === "help";
}

/** All switches; spellings that both places know are those of a line. */
function promptSwitches(): readonly Switch[] {
  const line = switchesAt("line");
  const taken = new Set(line.flatMap(allNames));
  const launch = switchesAt("launch").flatMap((row): Switch[] => {
    const [first, ...more] = row.names.filter((name) => !taken.has(name));
    if (row.where === "both" || first === undefined) return [];
    // A shortened name of a line's switch stays one.
    return [{ ...row, names: [first, ...more], ours: true }];
  });
  return [...line, ...launch];
}

function tryToRead(words: readonly string[], switches: readonly Switch[]): Arguments | DreamError {
  try {
    return readArguments(words, switches, "launch");
  } catch (error) {
    if (error instanceof DreamError) return error;
    throw error;
  }
}

/** One use of a switch in full: clusters are taken apart, and a value that begins with a dash stays a value. */
function spell({ row, off, texts }: Occurrence): string[] {
  const name = (off ? negations(row)[0] : row.names[0]) as string;
  return texts.length === 1 ? [`${name}=${texts[0]}`] : [name, ...texts];
}

/** As `shellWords` reads it back; the name of a switch stays outside the quotation. */
function quoteWord(word: string): string {
  const [, name = "", text = ""] = /^(--?\w+=)?(.*)$/s.exec(word) ?? [];
  if (text !== "" && !/[\s"'\\]|^#/.test(text)) return word;
  return text.includes("'") ? `${name}"${text.replace(/["\\]/g, "\\$&")}"` : `${name}'${text}'`;
}

/** As `splitLine` reads it back; a backslash before a brace keeps its meaning. */
function quotePrompt(prompt: string): string {
  return `"${prompt.replace(/"|\\(?![{}])/g, "\\$&")}"`;
}
