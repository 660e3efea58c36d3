/** A run of words that weigh the same. */
export interface TextFragment {
  readonly kind: "text";
  /** Without the escapes of brackets and quotation marks; "" for the empty prompt. */
  readonly text: string;
  /** Factor of its attention; 1 is neutral, negative ones are allowed by some notations; always finite. */
  readonly weight: number;
}

/** What `.swap(…)` was given; what is absent takes the value of `SWAP_DEFAULTS`. Fractions of the sampling steps. */
export interface SwapOptions {
  readonly sStart?: number;
  readonly sEnd?: number;
  readonly tStart?: number;
  readonly tEnd?: number;
}

/**
 * The documented defaults (`shape_freedom` 0.5): self-attention is kept for the first fifth of the steps, cross-attention for all. The
 * code of InvokeAI 2.3 has others (s_end 0, t_start 0.2); the documents win.
 */
export const SWAP_DEFAULTS: Required<SwapOptions> = { sStart: 0, sEnd: 1 - 0.5 ** (1 / 3), tStart: 0, tEnd: 1 };

/** `original.swap(edited)`: the picture of the one with the words of the other. Each side has at least one fragment. */
export interface SwapFragment {
  readonly kind: "swap";
  readonly original: readonly Fragment[];
  readonly edited: readonly Fragment[];
  readonly options: SwapOptions;
}

export type Fragment = TextFragment | SwapFragment;

/** One text, in fragments; at least one. */
export interface FlatPrompt {
  readonly kind: "flat";
  readonly fragments: readonly Fragment[];
}

/** A mixture of the embeddings of several texts; it holds no swaps. `blendFactors` says how much of each. */
export interface BlendPrompt {
  readonly kind: "blend";
  readonly prompts: readonly FlatPrompt[];
  /** One for each prompt, as written, or normalised by the notation with colons. */
  readonly weights: readonly number[];
  readonly normalize: boolean;
}

export type Prompt = FlatPrompt | BlendPrompt;

/** Prompts that each guide the picture; one unless `.and()` joins several. */
export interface Conjunction {
  readonly prompts: readonly Prompt[];
  /** One for each prompt, as written. */
  readonly weights: readonly number[];
}

/** `withLora(name,weight)`. */
export interface LoraUse {
  readonly name: string;
  readonly weight: number;
}

/** Something to tell about a prompt that was read otherwise than it may have been meant. */
export interface PromptNote {
  /** `hint`: read all the same. `semantic`, `syntax`: a construct was not possible and is text now, where InvokeAI 2.3 refuses the prompt. */
  readonly kind: "hint" | "semantic" | "syntax";
  /** One sentence. */
  readonly text: string;
}

export function holdsSwap(prompt: Prompt): boolean {
  return prompt.kind === "flat" && prompt.fragments.some(({ kind }) => kind === "swap");
}

/** The text that stands for a prompt without words. */
export const EMPTY_PROMPT: FlatPrompt = { kind: "flat", fragments: [{ kind: "text", text: "", weight: 1 }] };

/** A prompt of this text as it is, white space collapsed. */
export function literalPrompt(text: string): FlatPrompt {
  const plain = text.replace(/\s+/g, " ").trim();
  return { kind: "flat", fragments: [{ kind: "text", text: plain, weight: 1 }] };
}

/** One side of all swaps, as plain fragments: the prompt before or after the edit. Text outside of swaps belongs to both. */
export function swapSide(fragments: readonly Fragment[], side: "original" | "edited"): TextFragment[] {
  return fragments.flatMap((fragment) => (fragment.kind === "text" ? [fragment] : swapSide(fragment[side], side)));
}
