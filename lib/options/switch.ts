/**
 * One row of the table of switches. The parser, the dream string, help, docs/switches.md and the messages all read it; nothing else
 * spells a switch.
 */
export interface Switch {
  /** Field of the parsed values: the reference's name for it, in camel case. */
  readonly key: string;
  /** Every spelling; the first is the one that the dream string uses. */
  readonly names: readonly [string, ...string[]];
  /**
   * A "path" is a text whose leading `~` is the home folder: nobody expands it on a prompt line. The plural types take every word up to
   * the next switch.
   */
  readonly type: "int" | "float" | "text" | "path" | "choice" | "flag" | "words" | "ints" | "floats";
  /** Word that stands for the value in help. */
  readonly metavar?: string;
  readonly choices?: readonly (string | number)[];
  /** Stands in for a value that was left out, where that is allowed; "" is no word at all for "words". */
  readonly implied?: string;
  /** A relative path of the command line starts at the root folder, where there is one. */
  readonly belowRoot?: true;
  /** How many words a plural type takes at most; checked with the ranges. */
  readonly most?: number;
  /** A flag that can also be switched off: `--no-grid` beside `--grid`. */
  readonly negatable?: true;
  /** Where it may be given. "both" cascades: the launch value is the default of every line. */
  readonly where: "launch" | "line" | "both";
  /** Built-in value when neither line, launch nor model gives one. */
  readonly fallback?: number | string;
  readonly range?: Range;
  /** Part of the dream string: "always", or "given" when it differs from the built-in value. */
  readonly record?: "always" | "given";
  /** What it asks for, as long as that is not there: the switch is read and checked, then refused by this name. */
  readonly feature?: string;
  /** What it does to a finished picture, where it belongs to `!fix` alone: a prompt line with it is refused. */
  readonly fixOnly?: string;
  /** Why it changes nothing in this program: told once when it is given. */
  readonly noEffect?: string;
  /** What is told when it is given, because there is a better way to say it. */
  readonly deprecated?: string;
  /** The key that its value is for. */
  readonly standsFor?: string;
  /** True of switches that the older programs lack: they never make a shortened name of theirs ambiguous. */
  readonly ours?: true;
  readonly group: "Picture" | "Series" | "Pictures as input" | "After drawing" | "Files" | "Model" | "Program";
  /** Half a sentence, no final stop. */
  readonly help: string;
}

/** Smallest and largest legal value. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

/** Every spelling of a row, those that switch it off included. */
export function allNames(row: Switch): readonly string[] {
  return [...row.names, ...negations(row)];
}

/** `--no-grid` for `--grid`; one-letter names have none. */
export function negations(row: Switch): readonly string[] {
  if (!row.negatable) return [];
  return row.names.filter((name) => name.startsWith("--")).map((name) => name.replace("--", "--no-"));
}
