import { DreamError } from "../errors.js";
import { pythonRepr } from "./python-values.js";
import { allNames, negations, type Switch } from "./switch.js";

export type Place = "launch" | "line";

/** One use of a switch. */
export interface Occurrence {
  readonly row: Switch;
  /** `--no-grid`. */
  readonly off: boolean;
  /** The words of its value, as they stand; flags have none. */
  readonly texts: readonly string[];
  /** Index of the word with the switch, and of the first word that no longer belongs to it. */
  readonly from: number;
  readonly to: number;
}

/** The words of a line or a command line, told apart. */
export interface Arguments {
  readonly occurrences: readonly Occurrence[];
  /** Words that belong to no switch. */
  readonly strays: readonly string[];
  /** Those among them that do not look like a switch, or stand behind `--`. */
  readonly plain: readonly string[];
}

/**
 * Tells switches and their values apart by the rules of Python's argparse: exact names first, `--name value`, `--name=value`, `-W640`,
 * `-W 640`, `-W=640`, clusters of flags, unique prefixes of two-dash names, negative numbers as values. Stops at `-h` and at `--version`,
 * as argparse does.
 *
 * @throws DreamError usage/line or usage/launch with argparse's sentence
 */
export function readArguments(words: readonly string[], switches: readonly Switch[], place: Place): Arguments {
  return new ArgumentReader(words, switches, place).read();
}

/** A wrong switch or value at a place. */
export function usageError(place: Place, message: string): DreamError {
  return new DreamError(place === "launch" ? "usage/launch" : "usage/line", message);
}

/** Python's argparse takes words of this shape for values although they begin with a dash. */
const NEGATIVE_NUMBER = /^-\d+$|^-\d*\.\d+$/;

/** More words behind one switch are a slip, whatever it is. */
const MOST_VALUES = 1000;

interface Spelling {
  readonly row: Switch;
  readonly off: boolean;
}

interface Candidate extends Spelling {
  readonly spelling: string;
  readonly attached: string | undefined;
}

/** What a word is before anything is read: a switch (maybe an unknown one), the end of all switches, or anything else. */
type Kind = Candidate | "unknown switch" | "end" | "value";

class ArgumentReader {
  private readonly byName = new Map<string, Spelling>();
  private readonly kinds: readonly Kind[];
  private readonly occurrences: Occurrence[] = [];
  private readonly strays: string[] = [];
  private readonly plain: string[] = [];
  private next = 0;

  constructor(
    private readonly words: readonly string[],
    switches: readonly Switch[],
    private readonly place: Place,
  ) {
    for (const row of switches) {
      for (const name of row.names) this.byName.set(name, { row, off: false });
      for (const name of negations(row)) this.byName.set(name, { row, off: true });
    }
    const known = new Map<string, Kind>();
    const end = words.indexOf("--");
    this.kinds = words.map((word, index) => {
      if (end >= 0 && index > end) return "value";
      const kind = known.get(word) ?? this.kindOf(word);
      known.set(word, kind);
      return kind;
    });
  }

  read(): Arguments {
    while (this.next < this.words.length) {
      const at = this.next++;
      const kind = this.kinds[at] as Kind;
      if (kind === "end") {
        this.strays.push(...this.words.slice(at));
        this.plain.push(...this.words.slice(at + 1));
        break;
      }
      if (typeof kind === "string") this.strays.push(this.words[at] as string);
      else this.take(kind, at);
      if (kind === "value") this.plain.push(this.words[at] as string);
      if (this.endedBy(at)) return { occurrences: this.occurrences, strays: [], plain: this.plain };
    }
    return { occurrences: this.occurrences, strays: this.strays, plain: this.plain };
  }

  /** True when the word at this index asks for help or the version. */
  private endedBy(index: number): boolean {
    for (let last = this.occurrences.length - 1; this.occurrences[last]?.from === index; last--) {
      if (["help", "version"].includes(this.occurrences[last]?.row.key as string)) return true;
    }
    return false;
  }

  /** argparse's test: a known spelling always, else anything with a dash in front but negative numbers and words with a blank. */
  private kindOf(word: string): Kind {
    if (!word.startsWith("-") || word === "-") return "value";
    if (word === "--") return "end";
    const candidates = this.candidates(word);
    const [only] = candidates;
    if (candidates.length > 1) {
      const listed = candidates.map(({ spelling }) => spelling).join(", ");
      throw usageError(this.place, `ambiguous option: ${shorten(word)} could match ${listed}`);
    }
    if (only) return only;
    return NEGATIVE_NUMBER.test(word) || word.includes(" ") ? "value" : "unknown switch";
  }

  /** Every switch that a word may mean; an exact name hides the others. */
  private candidates(word: string): Candidate[] {
    const exact = this.byName.get(word);
    if (exact) return [{ ...exact, spelling: word, attached: undefined }];
    const equals = word.indexOf("=");
    const name = equals < 0 ? word : word.slice(0, equals);
    const attached = equals < 0 ? undefined : word.slice(equals + 1);
    const named = this.byName.get(name);
    if (named) return [{ ...named, spelling: name, attached }];
    return word.startsWith("--") ? this.prefixed(name, attached) : this.shortOrPrefixed(word);
  }

  private prefixed(name: string, attached: string | undefined): Candidate[] {
    const found: Candidate[] = [];
    for (const [spelling, meaning] of this.byName) {
      if (!spelling.startsWith(name)) continue;
      // Two spellings of one switch are no choice.
      if (found.some(({ row, off }) => row === meaning.row && off === meaning.off)) continue;
      found.push({ ...meaning, spelling, attached });
    }
    if (found.length < 2) return found;
    const theirs = found.filter(({ row }) => !row.ours);
    return theirs.length === 0 ? found : theirs;
  }

  /** `-W640` is the one-letter switch with its value; it may also be the beginning of a one-dash long name, which is then ambiguous. */
  private shortOrPrefixed(word: string): Candidate[] {
    const letter = word.slice(0, 2);
    const short = this.byName.get(letter);
    const glued: Candidate[] = short ? [{ ...short, spelling: letter, attached: word.slice(2) }] : [];
    return [...glued, ...this.prefixed(word, undefined)];
  }

  private take({ row, off, attached }: Candidate, from: number): void {
    if (row.type !== "flag") {
      const texts = attached === undefined ? this.valuesFor(row) : [attached];
      this.occurrences.push({ row, off, texts, from, to: this.next });
      return;
    }
    this.occurrences.push({ row, off, texts: [], from, to: this.next });
    if (attached !== undefined) this.takeCluster(row, attached, from);
  }

  /** The rest of `-gn4` is read as `-n4`. */
  private takeCluster(first: Switch, letters: string, from: number): void {
    let before = first;
    for (let at = 0; at < letters.length; at++) {
      const meaning = this.byName.get(`-${letters[at]}`);
      const rest = letters.slice(at);
      if (!meaning || this.words[from]?.startsWith("--")) {
        const ignored = pythonRepr(shorten(rest));
        throw usageError(this.place, `argument ${allNames(before).join("/")}: ignored explicit argument ${ignored}`);
      }
      before = meaning.row;
      const { row, off } = meaning;
      if (row.type !== "flag") {
        const texts = rest.length === 1 ? this.valuesFor(row) : [rest.slice(1)];
        this.occurrences.push({ row, off, texts, from, to: this.next });
        return;
      }
      this.occurrences.push({ row, off, texts: [], from, to: this.next });
    }
  }

  private valuesFor(row: Switch): string[] {
    const many = row.type === "words" || row.type === "ints" || row.type === "floats";
    const texts: string[] = [];
    while (this.kinds[this.next] === "value" && (many || texts.length === 0)) texts.push(this.words[this.next++] as string);
    if (texts.length > MOST_VALUES) {
      throw usageError(this.place, `argument ${allNames(row).join("/")}: takes at most ${MOST_VALUES} values, not ${texts.length}`);
    }
    if (texts.length > 0) return texts;
    if (row.implied !== undefined) return row.implied === "" ? [] : [row.implied];
    throw usageError(this.place, `argument ${allNames(row).join("/")}: expected ${many ? "at least one argument" : "one argument"}`);
  }
}

/** A sentence that quotes a whole prompt is no sentence. */
export function shorten(text: string): string {
  return text.length <= 200 ? text : `${text.slice(0, 200)} ...`;
}
