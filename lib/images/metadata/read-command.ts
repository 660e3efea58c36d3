import { DreamError } from "../../errors.js";
import type { ParsedLine } from "../../options/read.js";
import { SIZE_STEP } from "../../options/table.js";
import { type PngText, readPngText } from "./png-text.js";
import { printRecorded, recordedLine } from "./print-recorded.js";
import { readDreamText } from "./read-dream-text.js";
import { readImagineMeta } from "./read-imagine-meta.js";
import { readParameters } from "./read-parameters.js";
import { readSdMetadata } from "./read-sd-metadata.js";
import { type Dialect, oneLine, type PostprocessingStep, type RecordedCommand, shorten } from "./recorded-command.js";

/** The command inside a picture. */
export interface FoundCommand {
  /** A line that our prompt takes; for a grid or contact sheet of ours it makes the whole sheet. */
  readonly line: string;
  /** The same line as values (of a sheet: its first picture's), complete enough to be resolved; its prompt is the file for `!fix` and `!mask`. */
  readonly parsed: ParsedLine;
  /** Set when the picture was made from another file. */
  readonly verb?: "!fix" | "!mask";
  readonly dialect: Dialect;
  /** What could not be carried over into the line, one sentence each. */
  readonly notes: readonly string[];
  readonly modelId?: string;
  readonly modelHash?: string;
  /** What was done to the picture afterwards; the line alone does not make it again then. */
  readonly postprocessing: readonly PostprocessingStep[];
}

/** Who writes which text, the most trustworthy first. */
const READERS: readonly (readonly [keyword: string, read: (text: string) => RecordedCommand | undefined])[] = [
  ["sd-metadata", readSdMetadata],
  ["Dream", readDreamText],
  ["parameters", readParameters],
  ["meta", readImagineMeta],
];

/**
 * Finds the command that made a picture in the texts of its PNG file.
 *
 * @param png untrusted bytes
 * @param name of the file, for the sentence
 * @returns undefined when the file says nothing about how it was made
 * @throws DreamError image/not-png, image/unreadable when the file is damaged, image/metadata when what it says cannot be understood
 */
export function readCommand(png: Uint8Array, name: string): FoundCommand | undefined {
  return findCommand(readPngText(png, name), name);
}

/** The same for texts that were read before. */
export function findCommand(texts: readonly PngText[], name: string): FoundCommand | undefined {
  const recorded = readRecorded(texts);
  if (recorded === undefined) {
    const [held] = READERS.filter(([keyword]) => texts.some((text) => text.keyword === keyword && text.text.trim() !== ""));
    if (held) throw new DreamError("image/metadata", `${name} holds a "${held[0]}" text that cannot be understood`);
    return undefined;
  }
  const { command, dialect, verb, modelId, modelHash, postprocessing } = recorded;
  return {
    line: command ?? printRecorded(recorded),
    parsed: recordedLine(recorded),
    verb,
    dialect,
    notes: notesOf(recorded),
    modelId,
    modelHash,
    postprocessing,
  };
}

function notesOf({ dialect, verb, notes, values, postprocessing }: RecordedCommand): string[] {
  const { width = 0, height = 0, strength, initImg, hiresFix } = values;
  const all = [...notes];
  if (width % SIZE_STEP !== 0 || height % SIZE_STEP !== 0) {
    all.push(`width and height are multiples of ${SIZE_STEP} here and will be rounded down`);
  }
  if (strength !== undefined && initImg === undefined && !hiresFix && verb === undefined && dialect !== "imagine") {
    all.push("made from another picture, which is not recorded; add it with -I");
  }
  const tools = postprocessing.map(({ tool, method }) => (method === undefined ? tool : `${tool} (${method})`));
  if (tools.length > 0) all.push(`the picture was changed afterwards: ${shorten(tools.join(", "))}`);
  return all;
}

/** The best text, with what it forgot filled in from the `Dream` text. */
export function readRecorded(texts: readonly PngText[]): RecordedCommand | undefined {
  for (const [keyword, read] of READERS) {
    for (const { text } of texts.filter((candidate) => candidate.keyword === keyword)) {
      const recorded = read(text);
      if (recorded) return bounded(keyword === "sd-metadata" ? withForgotten(recorded, texts) : recorded);
    }
  }
  return undefined;
}

/** Longer ones are cut off: a prompt reaches the model's 75 tokens long before, and a line must stay editable. */
const MAX_PROMPT = 20_000;
const MAX_NAME = 200;

function bounded(recorded: RecordedCommand): RecordedCommand {
  const { prompt, modelId, modelHash, notes } = recorded;
  return {
    ...recorded,
    prompt: prompt.slice(0, MAX_PROMPT),
    notes: prompt.length > MAX_PROMPT ? [...notes, `the prompt has ${prompt.length} characters and is cut off`] : notes,
    modelId: modelId === undefined ? undefined : oneLine(modelId).slice(0, MAX_NAME),
    modelHash: modelHash === undefined ? undefined : oneLine(modelHash).slice(0, MAX_NAME),
  };
}

/** Invoke's JSON lacks the initial picture, `--fit` and `--seamless`; its `Dream` text, if it speaks of the same picture, has them. */
function withForgotten(recorded: RecordedCommand, texts: readonly PngText[]): RecordedCommand {
  const dream = texts.find(({ keyword }) => keyword === "Dream");
  const told = dream && readDreamText(dream.text);
  if (!told || told.verb !== undefined || told.values.seed !== recorded.values.seed) return recorded;
  return { ...recorded, values: { ...told.values, ...recorded.values }, modelId: recorded.modelId ?? told.modelId };
}

/** The seed in the name of a picture, `000017.4829112.png`; for pictures that say nothing themselves. */
export function seedFromName(name: string): number | undefined {
  const seed = Number(/\d+\.(\d{1,10})\b/.exec(name)?.[1] ?? Number.NaN);
  return seed <= 0xffff_ffff ? seed : undefined;
}
