import type { PromptEmbedding } from "../conditioning/prompt-embeddings.js";
import { type Embedding, EmbeddingLibrary } from "../models/embeddings/embedding-library.js";
import type { TextEncoder } from "../networks/network-sessions.js";

/** What prompts of one model may use. */
export interface OfferedHere {
  readonly embeddings: readonly (Embedding & PromptEmbedding)[];
  /** Sentences without a final stop; empty when they were told already. */
  readonly notices: readonly string[];
}

/** Triggers that the sentence about them names. */
const MOST_NAMED = 20;

/** The embeddings that the models of a session may use; the folder is looked at again before every picture. */
export class OfferedEmbeddings {
  readonly #library = new EmbeddingLibrary();
  #told: readonly Embedding[] | undefined;

  /**
   * @param root of the load request
   * @param encoder of the model that is used now
   */
  async offer(root: string | undefined, encoder: TextEncoder): Promise<OfferedHere> {
    await this.#library.refresh(root);
    const { embeddings, notices } = this.#library.offer(encoder.width);
    const news = embeddings === this.#told ? [] : [...notices, ...aboutTriggers(embeddings, encoder)];
    this.#told = embeddings;
    return { embeddings, notices: news };
  }
}

function aboutTriggers(embeddings: readonly Embedding[], encoder: TextEncoder): string[] {
  if (embeddings.length === 0) return [];
  if (encoder.addTokens === undefined) {
    return [`no embedding can be used: the text encoder of an exported model takes numbers of tokens, and none stands for an embedding`];
  }
  const names = embeddings.slice(0, MOST_NAMED).map(({ trigger }) => trigger);
  const more = embeddings.length > names.length ? ` and ${embeddings.length - names.length} more` : "";
  return [`Textual inversion triggers: ${names.join(", ")}${more}`];
}
