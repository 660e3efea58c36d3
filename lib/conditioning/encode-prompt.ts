import type { TextEncoder } from "../networks/network-sessions.js";
import type { ClipTokenizer } from "./tokenizer.js";

/** What the U-Net is told about one prompt. */
export interface PromptEmbedding {
  /** (77, width): one row a token, BOS and padding included. */
  readonly rows: Float32Array;
  /** Tokens beyond the 75 that fit. */
  readonly discarded: number;
}

/** A series of pictures asks for the same few texts again and again. */
const REMEMBERED = 32;

/** Turns texts into embeddings and remembers the latest ones. */
export class PromptEncoder {
  readonly #embeddings = new Map<string, PromptEmbedding>();

  constructor(
    private readonly tokenizer: ClipTokenizer,
    private readonly encoder: TextEncoder,
  ) {}

  /** @param clipSkip layers left out at the end, beyond the model's own choice */
  async encode(text: string, clipSkip: number): Promise<PromptEmbedding> {
    const key = `${clipSkip}:${text}`;
    const known = this.#embeddings.get(key);
    if (known !== undefined) return known;
    const { ids, discarded } = this.tokenizer.encodePadded(text);
    const embedding = { rows: await this.encoder.encode(ids, 1, clipSkip), discarded: discarded.length };
    const [oldest] = this.#embeddings.keys();
    if (oldest !== undefined && this.#embeddings.size >= REMEMBERED) this.#embeddings.delete(oldest);
    this.#embeddings.set(key, embedding);
    return embedding;
  }
}
