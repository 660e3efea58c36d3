import { SAMPLER_ALIASES, SAMPLER_NAMES } from "../samplers/names.js";

/**
 * The one table of switches. The parser, the dream string, the help text and docs/switches.md all read it; nothing else spells a switch.
 *
 * Rows stand in the order in which the dream string prints them (INVOKE 2.3's order), followed by those that it never prints.
 */
export interface Switch {
  /** Field of the parsed values. */
  readonly key: string;
  /** Every spelling; the first is the one that the dream string uses. */
  readonly names: readonly [string, ...string[]];
  /** A "path" is a text whose leading `~` is the home folder: nobody expands it on a prompt line. */
  readonly type: "int" | "float" | "text" | "path" | "choice" | "flag";
  /** Word that stands for the value in help. */
  readonly metavar?: string;
  readonly choices?: readonly string[];
  /** Where it may be given. "both" cascades: the launch value is the default of every line. */
  readonly where: "launch" | "line" | "both";
  /** Built-in value when neither line, launch nor model gives one. */
  readonly fallback?: number | string;
  readonly range?: Range;
  /** Part of the dream string: "always", or "given" when it differs from the built-in value. */
  readonly record?: "always" | "given";
  readonly group: "Picture" | "Files" | "Model" | "Program";
  /** Half a sentence, no final stop. */
  readonly help: string;
}

/** Smallest and largest legal value. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

/** Pictures are multiples of this many pixels: one step of the deepest UNet level is 8·8 pixels. */
export const SIZE_STEP = 64;

/** Longer sides are refused out of hand; below, the engine's memory estimate decides. */
const pixels = { type: "int", metavar: "PIXELS", where: "both", range: { min: SIZE_STEP, max: 8192 }, record: "always" } as const;

export const SWITCHES = [
  {
    key: "steps",
    names: ["-s", "--steps"],
    type: "int",
    metavar: "COUNT",
    where: "both",
    fallback: 50,
    range: { min: 1, max: 1000 },
    record: "always",
    group: "Picture",
    help: "steps of refinement",
  },
  {
    key: "seed",
    names: ["-S", "--seed"],
    type: "int",
    metavar: "SEED",
    where: "line",
    // What torch and InvokeAI accept: 32 bits.
    range: { min: 0, max: 0xffff_ffff },
    record: "always",
    group: "Picture",
    help: "start of the noise, random when absent; -1 repeats the last seed, -2 the one before",
  },
  {
    ...pixels,
    key: "width",
    names: ["-W", "--width"],
    group: "Picture",
    help: "width, rounded down to a multiple of 64; default: the model's",
  },
  {
    ...pixels,
    key: "height",
    names: ["-H", "--height"],
    group: "Picture",
    help: "height, rounded down to a multiple of 64; default: the model's",
  },
  {
    key: "cfgScale",
    names: ["-C", "--cfg_scale"],
    type: "float",
    metavar: "SCALE",
    where: "both",
    fallback: 7.5,
    record: "always",
    group: "Picture",
    help: "how closely to follow the prompt; more than 1.0, usually 5 to 20",
  },
  {
    key: "karrasMax",
    names: ["--karras_max"],
    type: "int",
    metavar: "COUNT",
    where: "both",
    range: { min: 0, max: 1000 },
    record: "given",
    group: "Picture",
    help: "space the noise levels after Karras when there are fewer steps than this",
  },
  {
    key: "sampler",
    names: ["-A", "-m", "--sampler"],
    type: "choice",
    metavar: "NAME",
    choices: [...SAMPLER_NAMES, ...Object.keys(SAMPLER_ALIASES)],
    where: "both",
    fallback: "k_lms",
    record: "always",
    group: "Picture",
    help: "sampler",
  },
  {
    key: "rng",
    names: ["--rng"],
    type: "choice",
    metavar: "KIND",
    choices: ["cpu", "cuda"],
    where: "both",
    fallback: "cpu",
    record: "given",
    group: "Picture",
    help: "noise as torch draws it on this kind of device",
  },
  {
    key: "iterations",
    names: ["-n", "--iterations"],
    type: "int",
    metavar: "COUNT",
    where: "both",
    fallback: 1,
    range: { min: 1, max: 100_000 },
    group: "Picture",
    help: "pictures to make from one line",
  },
  {
    key: "prompt",
    names: ["--prompt"],
    type: "text",
    metavar: "TEXT",
    where: "line",
    group: "Picture",
    help: "the prompt, for a line that begins with switches",
  },
  {
    key: "outdir",
    names: ["-o", "--outdir"],
    type: "path",
    metavar: "FOLDER",
    where: "both",
    fallback: "outputs",
    group: "Files",
    help: "folder for pictures and logs; on a line: for this line alone",
  },
  {
    key: "fromFile",
    names: ["--from_file"],
    type: "path",
    metavar: "FILE",
    where: "launch",
    group: "Files",
    help: "read lines from a file instead of the keyboard; - is standard input",
  },
  {
    key: "model",
    names: ["--model"],
    type: "text",
    metavar: "NAME|PATH",
    where: "launch",
    group: "Model",
    help: "a name from the registry, a .safetensors file or a folder",
  },
  {
    key: "config",
    names: ["--config", "-c", "-config", "--conf"],
    type: "path",
    metavar: "FILE",
    where: "launch",
    group: "Model",
    help: "the registry of models; default: configs/models.yaml",
  },
  {
    key: "modelCache",
    names: ["--model_cache"],
    type: "path",
    metavar: "FOLDER|off",
    where: "launch",
    group: "Model",
    help: "where expanded weights are kept to make later starts quicker",
  },
  {
    key: "memory",
    names: ["--memory"],
    type: "choice",
    metavar: "MODE",
    choices: ["auto", "fast", "lean"],
    where: "launch",
    fallback: "auto",
    group: "Model",
    help: "fast uses more memory, lean less, auto looks at what there is",
  },
  {
    key: "threads",
    names: ["--threads"],
    type: "int",
    metavar: "COUNT",
    where: "launch",
    range: { min: 1, max: 1024 },
    group: "Model",
    help: "processor threads for the engine; default: all cores",
  },
  { key: "help", names: ["-h", "--help"], type: "flag", where: "both", group: "Program", help: "print this help" },
  { key: "version", names: ["--version", "-V"], type: "flag", where: "launch", group: "Program", help: "print the version" },
] as const satisfies readonly Switch[];

type Row = (typeof SWITCHES)[number];
type ValueOf<R extends Row> = R extends { type: "int" | "float" }
  ? number
  : R extends { type: "flag" }
    ? boolean
    : R extends { choices: readonly (infer C)[] }
      ? C
      : string;
type ValuesAt<Place> = { readonly [R in Extract<Row, { where: Place | "both" }> as R["key"]]?: ValueOf<R> };

/** What a prompt line gave, by key. */
export type LineValues = ValuesAt<"line">;
/** What the command line gave, by key. */
export type LaunchValues = ValuesAt<"launch">;

/** The rows that are legal at a place, in table order. */
export function switchesAt(place: "launch" | "line"): readonly Switch[] {
  return SWITCHES.filter((row) => row.where === place || row.where === "both");
}
