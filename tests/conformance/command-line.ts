import { isDeepStrictEqual } from "node:util";
import { DreamError } from "../../lib/errors.js";
import { expandHome } from "../../lib/home-folder.js";
import { parseLine } from "../../lib/options/read.js";
import { shellWords } from "../../lib/options/shell-words.js";
import { type Switch, switchesAt } from "../../lib/options/table.js";
import { SAMPLER_NAMES } from "../../lib/samplers/names.js";
import type { CaseResult, ConformanceKind } from "./kind.js";

/** The options of a line that differ from their defaults, by the reference's names, or an error. */
type Outcome = Readonly<Record<string, unknown>>;

interface CommandLineCase {
  readonly line: string;
  readonly invoke23: Outcome;
  readonly dream: Outcome;
}

/** Where the specification says what to do instead of what one or both generations did. */
interface Rule {
  readonly says: string;
  /** What a generation's outcome becomes under the rule; unchanged where the rule says nothing. */
  readonly adjust?: (outcome: Outcome) => Outcome;
  /** The line in words that a generation knows; ours must take both for the same. */
  readonly rewrite?: (line: string) => string;
}

const ADJUSTING: readonly Rule[] = [
  { says: "2.2: a lone flag at the end of the line is a switch", adjust: takeTrailingFlag },
  { says: "2.2: white space around the prompt is trimmed", adjust: onPrompt((prompt) => prompt.trim()) },
  { says: "2.2: dream.py left a backslash before an apostrophe", adjust: onPrompt((prompt) => prompt.replaceAll("\\'", "'")) },
  { says: "3.7: ~ is the home folder", adjust: expandPaths },
];

const REWRITING: readonly Rule[] = [
  { says: "2.1: the line is trimmed first", rewrite: (line) => line.trim() },
  { says: "8.5.4: --skip_normalization is --skip_normalize", rewrite: spelled("--skip_normaliza\\w*", "--skip_normalize") },
  { says: "8.5.5: -F on a line is --fit", rewrite: (line) => line.replace(/(^|\s)-F/g, "$1-T") },
  { says: "8.5.7: --mask is --init_mask", rewrite: spelled("--m(?:a(?:sk?)?)?", "--init_mask") },
  { says: "1.1: what cascades from the launch can be switched off on a line", rewrite: spelled("--no-fit|--no-seamless", "") },
  { says: "7.3: more samplers than the reference had", rewrite: (line) => line.replace(furtherSampler(), "$1k_lms") },
  { says: "2.2: more prompt words may follow the quotation", rewrite: quoteWholePrompt },
  { says: "2.2: # begins a comment only where a word begins", rewrite: escapeMarks },
];

/** KIND `command-line`: one JSON object a line. */
export const runCommandLineCases: ConformanceKind = async (text) => {
  const results: CaseResult[] = [];
  for (const json of text.split("\n")) {
    if (json.trim() === "") continue;
    const { line, invoke23, dream } = JSON.parse(json) as CommandLineCase;
    if (typeof line !== "string" || !invoke23 || !dream) throw new Error(`this is no case: ${json.slice(0, 100)}`);
    const got = ours(line);
    const name = JSON.stringify(line);
    const passes = [invoke23, dream].some((theirs) => agrees(got, theirs)) || agreesRewritten(line, got);
    results.push(passes ? { name } : { name, difference: { expected: { invoke23, dream }, got } });
  }
  return results;
};

function ours(line: string): Outcome {
  try {
    const { help, ...values } = parseLine(line);
    return help ? { error: true, help: true } : normalise({ prompt: values.prompt, ...byReferenceName(values) });
  } catch (error) {
    if (error instanceof DreamError) return { error: true };
    throw error;
  }
}

function agrees(got: Outcome, theirs: Outcome): boolean {
  const expected = normalise(theirs);
  if (isDeepStrictEqual(got, expected)) return true;
  const adjusted = ADJUSTING.reduce((outcome, { adjust }) => (outcome.error || !adjust ? outcome : adjust(outcome)), expected);
  return isDeepStrictEqual(got, normalise(adjusted));
}

function agreesRewritten(line: string, got: Outcome): boolean {
  if (got.error && !got.help) return false;
  const all = REWRITING.reduce((text, { rewrite }) => rewrite?.(text) ?? text, line);
  const each = REWRITING.map(({ rewrite }) => rewrite?.(line) ?? line);
  return [all, ...each].some((rewritten) => rewritten !== line && sameAs(line, got, rewritten));
}

function sameAs(line: string, got: Outcome, rewritten: string): boolean {
  const { sampler_name, ...rest } = ours(rewritten);
  const { sampler_name: named, ...gotRest } = got;
  const sampler = furtherSampler().test(line) ? SAMPLER_NAMES.some((name) => name === named) : sampler_name === named;
  return sampler && isDeepStrictEqual(gotRest, rest);
}

const ROWS = switchesAt("line");

function byReferenceName(values: Readonly<Record<string, unknown>>): Outcome {
  return Object.fromEntries(ROWS.filter(({ key }) => values[key] !== undefined).map(({ key }) => [referenceName(key), values[key]]));
}

/** The reference's names are ours in snake case, but for the sampler. */
function referenceName(key: string): string {
  return key === "sampler" ? "sampler_name" : key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** One name for what the generations call differently; values that are the built-in ones say nothing. */
function normalise(outcome: Outcome): Outcome {
  const { gfpgan_strength, ...rest } = outcome;
  const renamed: Outcome = gfpgan_strength === undefined ? rest : { ...rest, facetool_strength: gfpgan_strength };
  const fallbacks = new Map(ROWS.map((row) => [referenceName(row.key), builtIn(row)]));
  const entries = Object.entries(renamed).flatMap(([name, value]): [string, unknown][] => {
    // The reference splits the axes into characters.
    const plain = name === "seamless_axes" ? [...[value].flat().join("")].filter((letter) => letter !== ",").join("") : value;
    const usual = fallbacks.get(name) === plain || (name === "seamless_axes" && plain === "xy");
    return usual ? [] : [[name, plain]];
  });
  return Object.fromEntries(entries);
}

function builtIn(row: Switch): unknown {
  if (row.type === "flag") return false;
  return row.fallback ?? (row.type === "float" && row.range?.min === 0 ? 0 : undefined);
}

function onPrompt(change: (prompt: string) => string): (outcome: Outcome) => Outcome {
  return (outcome) => ({ ...outcome, prompt: change(String(outcome.prompt)) });
}

function takeTrailingFlag(outcome: Outcome): Outcome {
  const match = /^(.*\S)\s+(-[A-Za-z])$/s.exec(String(outcome.prompt));
  const flag = ROWS.find((row) => row.type === "flag" && row.names.some((name) => name === match?.[2]));
  if (flag?.key === "help") return { error: true, help: true };
  return match && flag ? { ...outcome, prompt: match[1], [referenceName(flag.key)]: true } : outcome;
}

function expandPaths(outcome: Outcome): Outcome {
  const paths = ROWS.filter(({ type, key }) => type === "path" && typeof outcome[referenceName(key)] === "string");
  return {
    ...outcome,
    ...Object.fromEntries(paths.map(({ key }) => [referenceName(key), expandHome(String(outcome[referenceName(key)]))])),
  };
}

function spelled(ours: string, theirs: string): (line: string) => string {
  return (line) => line.replace(new RegExp(`(^|\\s)(?:${ours})(?=\\s|=|$)`, "g"), `$1${theirs}`);
}

/** A sampler that we have beyond those of 7.3, as the value of a switch. */
function furtherSampler(): RegExp {
  const further = SAMPLER_NAMES.filter((name) => ["k_dpmpp_sde", "k_dpmpp_2m_sde", "unipc", "lcm"].includes(name));
  return new RegExp(`((?:-A|-m|--sampler)[ =]?)(?:${further.join("|")})(?=\\s|$)`);
}

/** `"a cat" -1 degree -n2` → `"a cat -1 degree" -n2` */
function quoteWholePrompt(line: string): string {
  const match = /^"((?:[^"\\]|\\.)*)"(\s+(?!--?[A-Za-z])\S.*?)((?:\s--?[A-Za-z].*)?)$/s.exec(line);
  if (!match?.[2]) return line;
  const apostrophe = match[2].includes("'") && match[2].split("'").length % 2 === 0;
  return `"${match[1]} ${shellWords(apostrophe ? match[2].replaceAll("'", "\\'") : match[2]).join(" ")}"${match[3]}`;
}

/** `a -I x#y` → `a -I x\#y` */
function escapeMarks(line: string): string {
  const switches = /^"(?:[^"\\]|\\.)*"|\s--?[A-Za-z]/.exec(line);
  const from = switches ? switches.index + switches[0].length : line.length;
  return (
    line.slice(0, from) +
    (switches
      ? line
          .slice(from - 1)
          .replace(/(?<=\S)#/g, "\\#")
          .slice(1)
      : "")
  );
}
