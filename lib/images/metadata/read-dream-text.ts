import { DreamError } from "../../errors.js";
import { parseSwitches } from "../../options/parse-switches.js";
import { splitLine } from "../../options/split-line.js";
import { recordedLine } from "../../options/sweep.js";
import { type LineValues, type Switch, switchesAt } from "../../options/table.js";
import { noteBrokenSeries } from "./read-sd-metadata.js";
import { readVariations } from "./read-variations.js";
import { oneLine, type RecordedCommand, shorten, UNKNOWN_NOISE } from "./recorded-command.js";
import { RecordedValues } from "./recorded-values.js";

/**
 * Reads the `Dream` text of every generation of dream.py, of invoke and of this program, which differ in how they write a prompt:
 *
 * | who | prompt | values |
 * |---|---|---|
 * | dream.py 1.02 to 1.14 | quoted, marks inside not escaped | attached: `-s50` |
 * | dream.py 1.15, invoke 2.0 to 2.2 | the same | `-s 50` |
 * | invoke 2.2 and 2.3 | bare | `-s 50`, then ` # model_id=name` |
 * | this program | quoted and escaped | `-s 50`, then ` # model_id=name` |
 *
 * @returns undefined when the text is empty, or longer than any command
 */
export function readDreamText(text: string): RecordedCommand | undefined {
  if (text.length > MAX_LENGTH) return undefined;
  const { line, modelId, seeds } = cutComments(oneLine(text).trim());
  if (line === "") return undefined;
  const [, verb, command] = /^(?:(!fix|!mask)\s+)?(.*)$/s.exec(line) as unknown as [string, "!fix" | "!mask" | undefined, string];
  // A mask names no model.
  const isOurs = command.startsWith('"') && (modelId !== undefined || verb === "!mask");
  const { prompt, words } = isOurs ? splitOurs(command) : splitTheirs(command);
  const recorded = new RecordedValues();
  for (const group of groupSwitches(words).slice(0, MAX_SWITCHES)) readSwitch(group, recorded);
  settleSeries(recorded, seeds);
  if (!isOurs && verb === undefined && recorded.values.rng === undefined) {
    recorded.note(UNKNOWN_NOISE);
  }
  return { dialect: "dream", verb, prompt, values: recorded.values, notes: recorded.notes, modelId, postprocessing: [] };
}

/** Characters of a command, and switches in it: there are not half as many. */
const MAX_LENGTH = 100_000;
const MAX_SWITCHES = 200;

interface Cut {
  readonly line: string;
  readonly modelId?: string;
  /** Of a grid's cells. */
  readonly seeds?: readonly number[];
}

/**
 * Takes ` # model_id=name` and, behind it, ` # [1, 2]` off the end. A prompt may hold the same; there a quotation mark follows, or a
 * real comment.
 */
function cutComments(text: string): Cut {
  const grid = / # \[([\d, ]*)\]$/.exec(text);
  const seeds = grid?.[1]?.match(/\d+/g)?.map(Number);
  const line = grid ? text.slice(0, grid.index) : text;
  const at = line.lastIndexOf(MODEL_COMMENT);
  const name = at < 0 ? "" : line.slice(at + MODEL_COMMENT.length);
  if (name === "" || name.includes('"')) return { line, seeds };
  return { line: line.slice(0, at), modelId: name, seeds };
}

const MODEL_COMMENT = " # model_id=";

interface Split {
  readonly prompt: string;
  readonly words: readonly string[];
}

/** Literal braces are escaped in our lines; groups, which no picture was made from, can only come from somebody else. */
function splitOurs(command: string): Split {
  try {
    return splitLine(recordedLine(command));
  } catch (error) {
    if (error instanceof DreamError) return splitTheirs(command);
    throw error;
  }
}

/** Blanks alone separate the switches of the older programs: they wrote paths as they were, backslashes and all. */
function splitTheirs(command: string): Split {
  const { prompt, rest } = command.startsWith('"') ? splitQuoted(command) : splitBare(command);
  return { prompt, words: rest.split(" ").filter((word) => word !== "") };
}

/** Marks inside the prompt were not escaped, and no switch was ever quoted: the last one ends the prompt. */
function splitQuoted(command: string): { prompt: string; rest: string } {
  const end = command.lastIndexOf('"');
  if (end === 0) return { prompt: command.slice(1), rest: "" };
  const inside = command.slice(1, end);
  const isEscaped = /\\"/.test(inside) && !/(^|[^\\])"/.test(inside);
  return { prompt: isEscaped ? inside.replaceAll('\\"', '"') : inside, rest: command.slice(end + 1) };
}

/** The switches of a recorded command begin with these; a prompt may hold ` -word`. */
const FIRST_SWITCHES = / -s ?\d+ -[SW] ?\d/g;

function splitBare(command: string): { prompt: string; rest: string } {
  const begin = [...command.matchAll(FIRST_SWITCHES)].at(-1)?.index;
  if (begin !== undefined) return { prompt: command.slice(0, begin), rest: command.slice(begin) };
  const match = /\s--?[A-Za-z]/.exec(command);
  return match ? { prompt: command.slice(0, match.index), rest: command.slice(match.index) } : { prompt: command, rest: "" };
}

/** Recorded commands tell what a picture looks like; a folder for output in one would be a trap. */
const RECORDED_GROUPS: readonly Switch["group"][] = ["Picture", "Series", "Pictures as input", "After drawing"];

/** A sampler of another program is to be named, not refused. */
const RECORDED_SWITCHES = switchesAt("line")
  .filter(({ group, key }) => RECORDED_GROUPS.includes(group) && key !== "prompt")
  .map((row): Switch => (row.key === "sampler" ? { ...row, type: "text" } : row));
const PATH_NAMES = RECORDED_SWITCHES.filter(({ type }) => type === "path").flatMap(({ names }) => names);

/** Cuts the words into switches, each with its values. Words of a path that held blanks are put together again. */
function groupSwitches(words: readonly string[]): string[][] {
  const groups: string[][] = [];
  for (const word of words) {
    const group = groups.at(-1);
    if (/^--?[A-Za-z]/.test(word)) groups.push([word]);
    else if (group && isPath(group) && (group.length > 1 || !PATH_NAMES.includes(group[0] as string))) group.push(`${group.pop()} ${word}`);
    else group?.push(word);
  }
  return groups;
}

function isPath([name = ""]: readonly string[]): boolean {
  return PATH_NAMES.some((path) => (path.length === 2 ? name.startsWith(path) && !name.startsWith("--") : name === path));
}

function readSwitch(group: readonly string[], recorded: RecordedValues): void {
  try {
    const parsed: Omit<LineValues, "sampler"> & { readonly sampler?: string } = parseSwitches(group, RECORDED_SWITCHES, "line");
    const { sampler, withVariations, ...others } = parsed;
    if (sampler !== undefined) recorded.sampler(sampler);
    recorded.variations(readVariations(withVariations));
    recorded.take(others);
  } catch (error) {
    if (!(error instanceof DreamError)) throw error;
    recorded.note(`"${shorten(group.join(" "))}" is not understood and is left out`);
  }
}

/** `-n` of a picture that is no grid tells how many brothers it had, not how to make it. */
function settleSeries(recorded: RecordedValues, seeds: readonly number[] | undefined): void {
  if (seeds && seeds.length > 0) {
    recorded.flag("grid", true);
    recorded.number("iterations", seeds.length);
    noteBrokenSeries(seeds, recorded);
  } else if (recorded.values.grid !== true) {
    delete recorded.values.iterations;
  }
}
