import type { TextEncoder } from "../networks/network-sessions.js";
import { MOST_NOTES } from "../prompt/limits.js";
import { parsePrompt } from "../prompt/parse-prompt.js";
import { printPrompt } from "../prompt/print-tree.js";
import { type Conjunction, holdsSwap } from "../prompt/tree.js";
import { TreeEncoder } from "./encode-tree.js";
import { WindowEncoder } from "./encode-windows.js";
import { type PromptEmbedding, PromptEmbeddings } from "./prompt-embeddings.js";
import { alignRows } from "./shared-tokens.js";
import { type SwapWindow, swapWindow } from "./swap-window.js";
import type { TokenLog } from "./token-log.js";
import { CLIP_LENGTH, type ClipTokenizer } from "./tokenizer.js";

/** A prompt as it was typed, and how it is to be read. */
export interface PromptRequest {
  /** With its negative part in brackets. */
  readonly prompt: string;
  /** Keep the weights of a mixture with colons as they are written. */
  readonly skipNormalize?: boolean;
  /** Go on in further windows beyond 75 tokens. */
  readonly longPrompts?: boolean;
  /** Text-encoder layers to leave out at the end for the positive prompt, beyond the model's own choice. */
  readonly clipSkip: number;
  /** Guidance scale; with 1 the negative prompt is not needed. */
  readonly cfgScale: number;
}

/** What `.swap()` adds: the edited prompt, and what of the original picture it keeps when. */
export interface SwappedConditioning {
  /** (tokens, width), as the original in `positive`. */
  readonly edited: Float32Array;
  /** For each row of `edited` the row of `positive` with the same token; −1 for new words. */
  readonly sources: Int32Array;
  readonly window: SwapWindow;
}

/** What the U-Net is told. */
export interface Conditioning {
  /** (tokens, width). */
  readonly positive: Float32Array;
  /** The same size; the positive one itself when the scale is 1. */
  readonly negative: Float32Array;
  /** 77 for each window. */
  readonly tokens: number;
  /** Set when words are swapped. */
  readonly swap?: SwappedConditioning;
  /** Sentences worth showing, without a final stop; each once, ten at most. */
  readonly notes: readonly string[];
  readonly log: TokenLog;
}

/** Turns prompts into embeddings and remembers what it encoded latest. */
export class PromptEncoder {
  readonly #windows: WindowEncoder;
  readonly #embeddings: PromptEmbeddings;
  /** The latest answer: the pictures of a series mostly have one prompt. */
  #last: { readonly key: string; readonly answer: Conditioning } | undefined;

  constructor(tokenizer: ClipTokenizer, encoder: TextEncoder) {
    this.#windows = new WindowEncoder(tokenizer, encoder);
    this.#embeddings = new PromptEmbeddings(tokenizer, encoder);
  }

  /** From now on prompts may use these embeddings, whose width must be the encoder's. */
  offerEmbeddings(embeddings: readonly PromptEmbedding[]): void {
    if (this.#embeddings.offer(embeddings)) this.#last = undefined;
  }

  /** Makes the text encoder ready, with the text that almost every picture needs. */
  async prepare(): Promise<void> {
    await this.#windows.encode([], 0);
  }

  /**
   * Reads a prompt and encodes both halves. The negative one always comes from the last layer, as in diffusers and Imagine; the shorter one
   * is filled up with windows of the empty prompt, as compel does.
   *
   * @param between called before every run of the text encoder; what it throws ends the encoding
   */
  async encode(request: PromptRequest, between: () => Promise<void>): Promise<Conditioning> {
    const { prompt, skipNormalize, longPrompts, clipSkip, cfgScale } = request;
    const key = JSON.stringify([prompt, skipNormalize, longPrompts, clipSkip, cfgScale === 1]);
    if (this.#last?.key !== key) this.#last = { key, answer: await this.#encode(request, between) };
    return this.#last.answer;
  }

  async #encode(request: PromptRequest, between: () => Promise<void>): Promise<Conditioning> {
    const about: string[] = [];
    const words = await this.#embeddings.spell(request.prompt, about);
    const parsed = parsePrompt(words.text, { skipNormalize: request.skipNormalize ?? false });
    const { clipSkip, longPrompts = false } = request;
    const treeEncoder = (settings: { readonly clipSkip: number; readonly side: "original" | "edited" }) =>
      new TreeEncoder(words, this.#windows, { longPrompts, between, ...settings });
    const wanted = treeEncoder({ clipSkip, side: "original" });
    const replacing = treeEncoder({ clipSkip, side: "edited" });
    const unwanted = treeEncoder({ clipSkip: 0, side: "original" });
    const positive = await wanted.encodeConjunction(parsed.positive);
    const window = swapWindow(parsed.positive);
    const edited = window && (await replacing.encodeConjunction(parsed.positive));
    const negative = request.cfgScale === 1 ? positive : await unwanted.encodeNegative(parsed.negative);

    const windows = Math.max(positive.windows, negative.windows, edited?.windows ?? 0);
    const tokens = windows * CLIP_LENGTH;
    const notes = [
      ...about,
      ...parsed.notes.map(({ text }) => text.replace(/\.$/, "")),
      ...(window?.ignored ? ["the first .swap() with options speaks for all; those of the others are ignored"] : []),
      ...(holdsSwap(parsed.negative) ? [".swap() is not possible in [brackets]; the original words are used"] : []),
      ...wanted.notes,
      ...replacing.notes,
      ...unwanted.notes,
    ];
    return {
      positive: await wanted.fillUp(positive, windows),
      negative: await unwanted.fillUp(negative, windows),
      tokens,
      ...(edited && {
        swap: {
          edited: await replacing.fillUp(edited, windows),
          sources: alignRows(positive.shared, edited.shared, tokens),
          window,
        },
      }),
      notes: [...new Set(notes.map((note) => words.restore(note)))].slice(0, MOST_NOTES),
      log: {
        prompt: words.restore(printConjunction(parsed.positive)),
        negative: words.restore(printPrompt(parsed.negative)),
        texts: [...wanted.texts, ...replacing.texts, ...unwanted.texts],
      },
    };
  }
}

/** Parts of `.and()` with their weights. */
function printConjunction({ prompts, weights }: Conjunction): string {
  const [only] = prompts;
  if (only !== undefined && prompts.length === 1 && weights[0] === 1) return printPrompt(only);
  return prompts.map((prompt, i) => `"${printPrompt(prompt)}" × ${weights[i]}`).join(" and ");
}
