import { TriggerFinder } from "./find-triggers.js";
import type { ClipTokenizer } from "./tokenizer.js";

/** A trigger whose vectors have rows in the token table. */
export interface SpelledTrigger {
  readonly trigger: string;
  /** Id of the first row; the others follow. */
  readonly first: number;
  readonly vectors: number;
}

/** What makes tokens of the texts of a prompt. */
export interface TextTokenizer {
  /** Token that stands behind a text. */
  readonly eos: number;
  encode(text: string): readonly number[];
  decodeToken(id: number): string;
  /** Tokens, this one first, that must stay in one window; absent where there are no such. */
  together?(id: number): number;
}

/**
 * Makes tokens of one prompt whose triggers are known. A trigger that the grammar of prompts would take apart (`<style-1.0>`, `by A. Name`) is
 * replaced by a single character that the prompt does not have before it is parsed, and becomes itself again here; the others are found in
 * the texts. Each becomes one token for each of its vectors: the first stands for the word, the others are hidden pads behind it.
 */
export class TriggerTokenizer implements TextTokenizer {
  /** The prompt as it is to be parsed. */
  readonly text: string;
  readonly eos: number;
  readonly #finder: TriggerFinder<SpelledTrigger>;
  readonly #stands = new Map<string, string>();
  readonly #byId = new Map<number, { readonly spelled: SpelledTrigger; readonly vector: number }>();

  /** @param triggers those that occur in the prompt */
  constructor(
    prompt: string,
    private readonly tokenizer: ClipTokenizer,
    triggers: readonly SpelledTrigger[],
  ) {
    this.eos = tokenizer.eos;
    const hidden = new Map<string, string>();
    const unused = charactersNotIn(prompt);
    for (const spelled of triggers) {
      if (isTakenApart(spelled.trigger)) hidden.set(spelled.trigger, unused());
      for (let vector = 0; vector < spelled.vectors; vector++) this.#byId.set(spelled.first + vector, { spelled, vector });
    }
    for (const [trigger, character] of hidden) this.#stands.set(character, trigger);
    this.text = replaceAll(prompt, new TriggerFinder(hidden));
    this.#finder = new TriggerFinder(triggers.map((spelled) => [hidden.get(spelled.trigger) ?? spelled.trigger, spelled]));
  }

  encode(text: string): readonly number[] {
    const places = this.#finder.find(text);
    if (places.length === 0) return this.tokenizer.encode(text);
    const ids: number[] = [];
    let done = 0;
    const plain = (end: number) => {
      for (const id of this.tokenizer.encode(text.slice(done, end))) ids.push(id);
    };
    for (const { start, end, value } of places) {
      plain(start);
      for (let vector = 0; vector < value.vectors; vector++) ids.push(value.first + vector);
      done = end;
    }
    plain(text.length);
    return ids;
  }

  /** Pads are called as in InvokeAI. */
  decodeToken(id: number): string {
    const known = this.#byId.get(id);
    if (known === undefined) return this.tokenizer.decodeToken(id);
    const { spelled, vector } = known;
    return vector === 0 ? `${spelled.trigger} ` : `${spelled.trigger}-!pad-${vector} `;
  }

  together(id: number): number {
    const known = this.#byId.get(id);
    return known?.vector === 0 ? known.spelled.vectors : 1;
  }

  /** A text that was made of the parsed prompt, with its triggers as they were typed. */
  restore(text: string): string {
    if (this.#stands.size === 0) return text;
    return Array.from(text, (character) => this.#stands.get(character) ?? character).join("");
  }
}

/** Characters with a meaning in prompts. Without a letter it could be a weight. */
function isTakenApart(trigger: string): boolean {
  return /[()",.+\-=[\]:\\\s]/.test(trigger) && /\p{L}/u.test(trigger);
}

function replaceAll(text: string, finder: TriggerFinder<string>): string {
  let replaced = "";
  let done = 0;
  for (const { start, end, value } of finder.find(text)) {
    // There it is the name of a LoRA.
    if (/(?:with|use)Lora\($/.test(text.slice(Math.max(0, start - LORA_START), start))) continue;
    replaced += text.slice(done, start) + value;
    done = end;
  }
  return replaced + text.slice(done);
}

/** Characters of `withLora(`. */
const LORA_START = 9;

/** Private characters (the plane has 65,534 of them), each asked for once. */
function charactersNotIn(text: string): () => string {
  let code = 0xf0000;
  return () => {
    while (text.includes(String.fromCodePoint(code))) code++;
    return String.fromCodePoint(code++);
  };
}
