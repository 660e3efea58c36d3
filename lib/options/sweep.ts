import { DreamError } from "../errors.js";
import { type BraceGroup, findGroups, type GroupKind, groupValues, MOST_LINES, undoEscapeGroups, unescapeBraces } from "./brace-groups.js";
import { readArguments } from "./read-arguments.js";
import { splitLine } from "./split-line.js";
import type { Switch } from "./switch.js";
import { switchesAt } from "./table.js";
import { type Span, wordSpans } from "./word-spans.js";

/** What one group of braces runs through. */
export interface SweepAxis {
  /** First spelling of the switch, or "prompt". */
  readonly name: string;
  readonly values: readonly string[];
}

/** One line of a sweep. */
export interface SweepLine {
  /** Without groups: for `parseLine`. */
  readonly line: string;
  /** Name and value on every axis, in the order of the axes. */
  readonly labels: readonly (readonly [name: string, value: string])[];
}

/** A line with groups of braces, spelled out. */
export interface Sweep {
  /** Empty when the line holds no group; then there is one line. */
  readonly axes: readonly SweepAxis[];
  /** The cross product in written order, the last group fastest. */
  readonly lines: readonly SweepLine[];
}

/** Characters of all lines together. */
const MOST_CHARACTERS = 20_000_000;

/**
 * Spells a prompt line out before it is read: switches that take numbers or a choice may hold `{5,7.5,10}` or `{10..50..10}`, the prompt
 * `{red|green}`. Literal braces of a prompt lose their backslash here, so every line has to come through here.
 *
 * @throws DreamError usage/line when a group makes no sense or there are too many lines, and as `splitLine` does
 */
export function expandSweeps(typed: string): Sweep {
  const line = typed.trim();
  if (!line.includes("{") && !line.includes("}")) return { axes: [], lines: [{ line, labels: [] }] };
  const pieces = cut(line);
  const groups = pieces.filter((piece) => typeof piece !== "string");
  const count = groups.reduce((product, { values }) => product * values.length, 1);
  if (count > MOST_LINES)
    throw new DreamError("usage/line", `The sweep makes ${count} pictures; at most ${MOST_LINES} are made from one line`);
  if (count * line.length > MOST_CHARACTERS) throw new DreamError("usage/line", `The line is too long for a sweep of ${count} pictures`);
  return { axes: groups, lines: Array.from({ length: count }, (_, index) => lineAt(pieces, groups, index)) };
}

/**
 * A line that was recorded for one picture, for `parseLine`: braces in its prompt are literal, whether escaped by us or written before
 * there were sweeps.
 *
 * @throws DreamError usage/line as `splitLine` does
 */
export function recordedLine(recorded: string): string {
  const line = recorded.trim();
  const { switchesFrom } = splitLine(line);
  return undoEscapeGroups(line.slice(0, switchesFrom)) + line.slice(switchesFrom);
}

/** What is told before a sweep runs: `>> 12 pictures: 3 × -C, 4 × -s`. */
export function announceSweep({ axes, lines }: Sweep): string {
  return `>> ${lines.length} pictures: ${axes.map(({ name, values }) => `${values.length} × ${name}`).join(", ")}`;
}

type Piece = string | SweepAxis;

function lineAt(pieces: readonly Piece[], axes: readonly SweepAxis[], index: number): SweepLine {
  const chosen = new Map<SweepAxis, string>();
  let rest = index;
  for (const axis of axes.toReversed()) {
    chosen.set(axis, axis.values[rest % axis.values.length] as string);
    rest = Math.floor(rest / axis.values.length);
  }
  return {
    line: pieces.map((piece) => (typeof piece === "string" ? piece : chosen.get(piece))).join(""),
    labels: axes.map((axis) => [axis.name, chosen.get(axis) as string] as const),
  };
}

/** A part of a line in which groups may stand. */
interface Region extends Span {
  readonly kind: GroupKind;
  readonly name: string;
}

/** The line as an alternation of fixed text and groups. */
function cut(line: string): Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  for (const { start, end, kind, name } of regions(line)) {
    pieces.push(line.slice(from, start));
    const text = line.slice(start, end);
    const fixed = (piece: string) => (kind === "prompt" ? unescapeBraces(piece) : piece);
    let inside = 0;
    for (const group of findGroups(text, kind)) {
      pieces.push(fixed(text.slice(inside, group.start)), axisOf(group, kind, name));
      inside = group.end;
    }
    pieces.push(fixed(text.slice(inside)));
    from = end;
  }
  pieces.push(line.slice(from));
  return pieces;
}

function axisOf(group: BraceGroup, kind: GroupKind, name: string): SweepAxis {
  return { name, values: groupValues(group, kind, name) };
}

function regions(line: string): Region[] {
  const { switchesFrom } = splitLine(line);
  const prompt: Region = { start: 0, end: switchesFrom, kind: "prompt", name: "prompt" };
  const found = [prompt];
  const tail = line.slice(switchesFrom);
  const spans = joinBraces(wordSpans(tail), tail);
  for (const { row, from, to, texts } of occurrencesIn(spans.map(({ start, end }) => tail.slice(start, end)))) {
    const kind = kindOf(row);
    if (kind === undefined || texts.length === 0) continue;
    for (const { start, end } of spans.slice(from, to)) {
      found.push({ start: switchesFrom + start, end: switchesFrom + end, kind, name: kind === "prompt" ? kind : row.names[0] });
    }
  }
  return found;
}

function kindOf({ key, type }: Switch): GroupKind | undefined {
  if (key === "prompt") return "prompt";
  if (type === "choice") return "choice";
  return type === "int" || type === "float" || type === "ints" || type === "floats" ? "number" : undefined;
}

function occurrencesIn(words: readonly string[]): ReturnType<typeof readArguments>["occurrences"] {
  try {
    return readArguments(words, switchesAt("line"), "line").occurrences;
  } catch (error) {
    // What is wrong with the line is told when it is read.
    if (error instanceof DreamError) return [];
    throw error;
  }
}

/** `-C {5, 7.5}` is one value: an open brace takes the words up to its partner along, unless a switch comes first. */
function joinBraces(spans: readonly Span[], text: string): Span[] {
  const joined: Span[] = [];
  let open = false;
  for (const span of spans) {
    const word = text.slice(span.start, span.end);
    const before = joined.at(-1);
    if (open && before && !/^--?[A-Za-z]/.test(word)) joined[joined.length - 1] = { start: before.start, end: span.end };
    else joined.push(span);
    const balance = word.lastIndexOf("{") - word.lastIndexOf("}");
    if (balance !== 0) open = balance > 0;
    else if (/^--?[A-Za-z]/.test(word)) open = false;
  }
  return joined;
}
