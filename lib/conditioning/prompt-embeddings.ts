import { DreamError } from "../errors.js";
import type { TextEncoder } from "../networks/network-sessions.js";
import { shorten } from "../prompt/shorten.js";
import { TriggerFinder } from "./find-triggers.js";
import type { ClipTokenizer } from "./tokenizer.js";
import { type SpelledTrigger, TriggerTokenizer } from "./trigger-tokenizer.js";

/** Vectors that stand for a word of the prompt (textual inversion, https://arxiv.org/abs/2208.01618). */
export interface PromptEmbedding {
  /** As it must be written. */
  readonly trigger: string;
  /** How many there are: 1 … 75. */
  readonly vectors: number;
  /** @returns (vectors, width), row-major @throws DreamError when the file cannot be read any more */
  read(): Promise<Float32Array>;
}

/** Names that look like triggers. */
const LIKE_A_TRIGGER = /<[\w-]+>/g;

/** The embeddings that prompts may use; their vectors are read and get rows in the token table when a prompt first does. */
export class PromptEmbeddings {
  #offered: readonly PromptEmbedding[] = [];
  #finder = new TriggerFinder<PromptEmbedding>([]);
  readonly #rows = new Map<PromptEmbedding, number>();

  constructor(
    private readonly tokenizer: ClipTokenizer,
    private readonly encoder: TextEncoder,
  ) {}

  /** Replaces what is offered. @returns whether that changes anything */
  offer(embeddings: readonly PromptEmbedding[]): boolean {
    if (embeddings === this.#offered) return false;
    this.#offered = embeddings;
    this.#finder = new TriggerFinder(embeddings.map((embedding) => [embedding.trigger, embedding]));
    return true;
  }

  /**
   * Finds the triggers of a prompt.
   * @param notes gets a sentence for each word that looks like a trigger and is none, or cannot be used
   */
  async spell(prompt: string, notes: string[]): Promise<TriggerTokenizer> {
    const places = this.#finder.find(prompt);
    const spelled: SpelledTrigger[] = [];
    for (const embedding of new Set(places.map(({ value }) => value))) {
      const first = await this.#register(embedding, notes);
      if (first !== undefined) spelled.push({ trigger: embedding.trigger, first, vectors: embedding.vectors });
    }
    const known = new Set(places.map(({ value }) => value.trigger));
    const names = [...new Set(prompt.match(LIKE_A_TRIGGER))].filter((name) => !known.has(name));
    for (const name of names) notes.push(`${shorten(name)} is the trigger of no embedding that this model can use and is read as text`);
    return new TriggerTokenizer(prompt, this.tokenizer, spelled);
  }

  async #register(embedding: PromptEmbedding, notes: string[]): Promise<number | undefined> {
    const known = this.#rows.get(embedding);
    if (known !== undefined) return known;
    const { trigger } = embedding;
    if (this.encoder.addTokens === undefined) {
      notes.push(
        `${trigger} is read as text: the text encoder of an exported model takes numbers of tokens, and none stands for an embedding`,
      );
      return undefined;
    }
    try {
      const first = this.encoder.addTokens(await embedding.read());
      this.#rows.set(embedding, first);
      return first;
    } catch (error) {
      if (!(error instanceof DreamError)) throw error;
      notes.push(`${trigger} is read as text: ${error.message}`);
      return undefined;
    }
  }
}
