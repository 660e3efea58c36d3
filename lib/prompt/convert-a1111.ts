import { printNumber } from "./numbers.js";

/** A prompt in our notation, and a sentence for everything that ours cannot say. */
export interface ConvertedPrompt {
  readonly text: string;
  readonly notes: readonly string[];
}

/** `(x)` multiplies attention by this, `[x]` divides by it. */
const GROUP_FACTOR = 1.1;
/** Characters of a weight with its colon; longer ones are text. */
const LONGEST_WEIGHT = 20;
const WEIGHT = /^[+-]?(?:\d+\.?\d*|\.\d+)$/;
/** `<lora:name:weight>`; a second weight, of the text encoder, may follow. */
const TAG = /<(lora|lyco|hypernet):([^<>:]{1,200})(?::([^<>]{0,60}))?>/y;
const WORD_BREAK = /BREAK(?!\w)/y;

const NOTES = {
  schedule: "a prompt that changes between steps is not possible here; its words are kept",
  negative: "a weight below 0 is not possible here; it is 0 now",
  break: "BREAK is not possible here; the text goes on without it",
  and: "AND between prompts is a word here; write (a, b).and()",
};

/**
 * Turns the notation of AUTOMATIC1111's web interface into ours: `(cat:1.2)` becomes `(cat)1.2`, `(cat)` becomes `(cat)1.1`, `[cat]` becomes
 * `(cat)0.91`, `<lora:name:0.8>` becomes `withLora(name,0.8)`, `BREAK` goes. No square bracket is left, for here they hold the negative
 * prompt, and no bare colon, for here it mixes prompts. Escaped and unpaired parentheses stay as they are. Takes linear time.
 */
export function convertA1111(text: string): ConvertedPrompt {
  const converter = new Converter(text);
  return { text: converter.convert(), notes: [...converter.notes] };
}

/** Introduces the negative prompt in the texts that the web interface writes into its pictures. */
export const A1111_NEGATIVE = "Negative prompt:";

/** The same for both halves of a prompt: the negative one goes into square brackets. */
export function convertA1111Halves(positive: string, negative: string): ConvertedPrompt {
  const [wanted, unwanted] = [convertA1111(positive.trim()), convertA1111(negative.trim())];
  // Colons mix prompts, but not in the negative part.
  const inBrackets = unwanted.text.replaceAll("\\:", ":");
  return {
    text: `${wanted.text}${inBrackets ? ` [${inBrackets}]` : ""}`.trim(),
    notes: [...new Set([...wanted.notes, ...unwanted.notes])],
  };
}

/** A bracket that is still open. */
interface Group {
  readonly bracket: "(" | "[";
  /** Index of the bracket in the output. */
  readonly start: number;
  /** Where `:` and `|` stand in the output, inner groups aside. */
  readonly separators: number[];
  /** Where `"` stands. */
  readonly marks: number[];
}

class Converter {
  readonly notes = new Set<string>();
  /** A character each, or a whole construct. */
  readonly #out: string[] = [];
  readonly #open: Group[] = [];
  #at = 0;

  constructor(private readonly text: string) {}

  convert(): string {
    while (this.#at < this.text.length) this.#step(this.text[this.#at] as string);
    if (/(?:^|\s)AND(?:\s|$)/.test(this.text)) this.notes.add(NOTES.and);
    // Only unpaired square brackets are left.
    return this.#out.map((piece) => (piece === "[" || piece === "]" ? "" : piece === ":" ? "\\:" : piece)).join("");
  }

  #step(character: string): void {
    if (this.#takeEscape(character) || this.#takeTag() || this.#takeBreak()) return;
    this.#at++;
    const group = this.#open.at(-1);
    if (character === "(" || character === "[") {
      this.#open.push({ bracket: character, start: this.#out.length, separators: [], marks: [] });
    } else if (group && character === (group.bracket === "(" ? ")" : "]")) {
      this.#open.pop();
      this.#close(group);
      return;
    } else if (character === ":" || character === "|") {
      group?.separators.push(this.#out.length);
    } else if (character === '"') {
      group?.marks.push(this.#out.length);
    }
    this.#out.push(character);
  }

  /** Our square brackets cannot be escaped. */
  #takeEscape(character: string): boolean {
    const next = this.text[this.#at + 1];
    if (character !== "\\" || next === undefined) return false;
    if (next !== "[" && next !== "]") this.#out.push(character + next);
    this.#at += 2;
    return true;
  }

  #takeTag(): boolean {
    TAG.lastIndex = this.#at;
    const match = TAG.exec(this.text);
    if (!match) return false;
    const [whole, kind, name = "", weights = "1"] = match;
    const weight = weights.split(":")[0] as string;
    this.#at += whole.length;
    if (kind !== "hypernet" && /^[\w-]+(?:\.[\w-]+)*$/.test(name) && WEIGHT.test(weight)) {
      this.#out.push(`withLora(${name},${printNumber(Number(weight))})`);
    } else {
      this.notes.add(`${whole.replace(/\s+/g, " ")} is not possible here and is left out`);
    }
    return true;
  }

  #takeBreak(): boolean {
    WORD_BREAK.lastIndex = this.#at;
    if (!WORD_BREAK.test(this.text) || /\w/.test(this.text[this.#at - 1] ?? "")) return false;
    this.notes.add(NOTES.break);
    this.#at += "BREAK".length;
    while (this.text[this.#at] === " " && this.#out.at(-1) === " ") this.#at++;
    return true;
  }

  #close(group: Group): void {
    const isSchedule = group.bracket === "[" && group.separators.length > 0;
    if (isSchedule) this.#keepWords(group);
    else this.#weigh(group);
  }

  #weigh({ bracket, start, separators, marks }: Group): void {
    const colon = separators.at(-1);
    const given = bracket === "(" && colon !== undefined ? this.#weightBehind(colon) : undefined;
    if (given !== undefined) this.#out.length = colon as number;
    if (given !== undefined && given < 0) this.notes.add(NOTES.negative);
    // A lone mark would keep ours from seeing the parentheses.
    for (const at of marks) if (at < this.#out.length) this.#out[at] = '\\"';
    this.#out[start] = "(";
    const weight = given ?? (bracket === "(" ? GROUP_FACTOR : Number((1 / GROUP_FACTOR).toFixed(2)));
    this.#out.push(`)${printNumber(Math.max(0, weight))}`);
    // What looks like more digits would be taken for them.
    if (/[\d.]/.test(this.text[this.#at] ?? "")) this.#out.push(" ");
  }

  #weightBehind(colon: number): number | undefined {
    if (this.#out[colon] !== ":" || this.#out.length - colon > LONGEST_WEIGHT) return undefined;
    const weight = this.#out
      .slice(colon + 1)
      .join("")
      .trim();
    return WEIGHT.test(weight) ? Number(weight) : undefined;
  }

  /** `[from:to:when]`, `[one|other]`: all words, without the step. */
  #keepWords({ start, separators }: Group): void {
    this.notes.add(NOTES.schedule);
    const last = separators.at(-1) as number;
    if (this.#weightBehind(last) !== undefined) this.#out.length = last;
    this.#out[start] = "";
    for (const at of separators) if (at < this.#out.length) this.#out[at] = " ";
  }
}
