import { allNames, type Switch } from "../../options/switch.js";
import type { Question } from "../commands/command.js";
import { asWords, FOLDERS, LINE_FILES, MODEL_FILES, type PathKind, PICTURES, pathsFor, TEMPLATES } from "./paths.js";
import { MOST_OFFERED } from "./read-folder.js";
import type { CompletionSources } from "./sources.js";
import { typedValue } from "./typed-value.js";

/** Candidates, and the end of the line that each of them can replace. */
export type Completions = readonly [candidates: string[], replaced: string];

type Rule = (line: string, sources: CompletionSources) => Promise<Completions | undefined>;

/**
 * What Tab offers, at most 500 candidates. The rules are tried in the order of dream.py and invoke.py; the first that has something to
 * offer wins.
 *
 * @param line up to the cursor
 * @param completes what a dialogue asks for; nothing else is offered then
 */
export async function complete(line: string, sources: CompletionSources, completes?: Question["completes"]): Promise<Completions> {
  if (completes === "model-file") return [(await pathsFor(line, MODEL_FILES, sources)).slice(0, MOST_OFFERED), line];
  for (const rule of RULES) {
    const found = await rule(line, sources);
    if (found && found[0].length > 0) return [found[0].slice(0, MOST_OFFERED), found[1]];
  }
  return [[], ""];
}

/** Commands whose first argument is a file. */
const FILE_COMMANDS: Readonly<Record<string, PathKind>> = {
  "!fix": PICTURES,
  "!fetch": PICTURES,
  "!mask": PICTURES,
  "!show": PICTURES,
  "!verify": PICTURES,
  "!replay": LINE_FILES,
  "!dynamic": TEMPLATES,
  "!import_model": MODEL_FILES,
  "!convert_model": MODEL_FILES,
};
/** Commands whose argument is a model, and of which formats. */
const MODEL_COMMANDS: Readonly<Record<string, readonly string[]>> = {
  "!switch": ["diffusers", "ckpt", "onnx"],
  "!edit_model": ["diffusers", "ckpt", "onnx"],
  "!del_model": ["diffusers", "ckpt", "onnx"],
  "!optimize_model": ["ckpt"],
};

const RULES: readonly Rule[] = [commandArgument, switchValue, trigger, lora, names];

async function commandArgument(line: string, sources: CompletionSources): Promise<Completions | undefined> {
  const [, command = "", argument] = /^\s*(!\w+)\s+("[^"]*|[^\s"]\S*|)$/.exec(line) ?? [];
  if (argument === undefined) return undefined;
  const kind = FILE_COMMANDS[command];
  if (kind) return paths(argument, "", kind, sources);
  const formats = MODEL_COMMANDS[command];
  if (formats)
    return startingWith(
      argument,
      (await sources.models()).flatMap(({ name, format }) => (formats.includes(format) ? [name] : [])),
    );
  if (command !== "!help") return undefined;
  const commands = argument.startsWith("!") ? sources.commands : sources.commands.map((name) => name.slice(1));
  return startingWith(argument, commands);
}

async function switchValue(line: string, sources: CompletionSources): Promise<Completions | undefined> {
  const typed = typedValue(line, sources.switches);
  if (!typed) return undefined;
  const { row, attached, value } = typed;
  if (row.type === "path") return paths(value, attached, row.metavar === "FOLDER" ? FOLDERS : PICTURES, sources);
  const [candidates, replaced] = startingWith(value, valuesOf(row, sources));
  return [candidates.map((candidate) => attached + candidate), attached + replaced];
}

function valuesOf(row: Switch, sources: CompletionSources): readonly string[] {
  if (row.key === "seed") return sources.seeds().map(String);
  return row.choices?.map(String) ?? [];
}

async function trigger(line: string, sources: CompletionSources): Promise<Completions | undefined> {
  const typed = /<[\w-]*$/.exec(line)?.[0];
  if (typed === undefined) return undefined;
  return startingWith(typed, await sources.triggers());
}

async function lora(line: string, sources: CompletionSources): Promise<Completions | undefined> {
  const [typed, word = "", name = ""] = /(withLora|useLora)(?:\(([^\s,()]*))?$/.exec(line) ?? [];
  if (typed === undefined) return undefined;
  const fitting = (await sources.loras()).filter((candidate) => candidate.startsWith(name));
  return [fitting.map((candidate) => `${word}(${candidate},1)`).sort(), typed];
}

async function names(line: string, sources: CompletionSources): Promise<Completions> {
  const word = line.slice(line.lastIndexOf(" ") + 1);
  return startingWith(word, [...sources.switches.flatMap(allNames), ...sources.commands]);
}

async function paths(value: string, attached: string, kind: PathKind, sources: CompletionSources): Promise<Completions> {
  const quoted = value.startsWith('"');
  const typed = quoted ? value.slice(1).replaceAll(/\\(["\\])/g, "$1") : value;
  const words = asWords(await pathsFor(typed, kind, sources), quoted);
  return [words.map((word) => attached + word), attached + value];
}

function startingWith(typed: string, candidates: readonly string[]): Completions {
  return [[...new Set(candidates)].filter((candidate) => candidate.startsWith(typed)).sort(), typed];
}
