import { joinFloats } from "../join-floats.js";
import type { WindowEncoder } from "./encode-windows.js";
import { type FittedTokens, type TokenSpan, WINDOW_TOKENS } from "./fit-tokens.js";
import { EmbeddingSum } from "./join-embeddings.js";
import { CLIP_LENGTH } from "./tokenizer.js";

/** How a text is encoded. */
export interface EncodingOptions {
  /** Layers left out at the end, beyond the model's own choice. */
  readonly clipSkip: number;
  /** Called before every run of the text encoder; what it throws ends the encoding. */
  readonly between: () => Promise<void>;
}

/** Smaller weights count as this one when a fragment is faded out: the share of its absence must stay finite. */
const LEAST_WEIGHT = 1e-5;

/**
 * The embedding of a text whose fragments weigh differently (the rules of compel 1.1.5, which InvokeAI 2.3 uses).
 *
 * Every token's row is moved away from or towards the empty prompt's: z' = z₀ + w·(z − z₀). For every fragment of a weight below 1 the text
 * is encoded once more without it, and all are averaged: the whole text counts 1, each of the others tan((1 − w)·π/2), so that a weight of
 * 0.5 lies half-way. "Without it" means that no other token sees the fragment's; where the encoder takes no mask, the fragment's tokens are
 * removed and later ones move up, as in InvokeAI 2.2.
 *
 * @returns (77·windows, width); that of the plain encoder, bit for bit, where all weigh 1
 */
export async function encodeWeighted(encoder: WindowEncoder, fitted: FittedTokens, options: EncodingOptions): Promise<Float32Array> {
  const { spans, windows } = fitted;
  const whole = await encodeSpans(encoder, spans, windows, options);
  const fading = spans.filter(({ weight }) => weight < 1);
  if (fading.length === 0) return whole;
  const hides = await encoder.canHide();
  const sum = new EmbeddingSum();
  sum.add(whole, 1);
  let total = 1;
  for (const span of fading) {
    const others = spans.filter((other) => other !== span);
    const share = Math.tan(((1 - Math.max(LEAST_WEIGHT, span.weight)) * Math.PI) / 2);
    sum.add(await (hides ? encodeSpans(encoder, spans, windows, options, span) : encodeSpans(encoder, others, windows, options)), share);
    total += share;
  }
  return sum.result(total);
}

/** The embedding of a text without words. */
export async function encodeEmpty(encoder: WindowEncoder, { clipSkip, between }: EncodingOptions): Promise<Float32Array> {
  await between();
  return encoder.encode([], clipSkip);
}

async function encodeSpans(
  encoder: WindowEncoder,
  spans: readonly TokenSpan[],
  windows: number,
  options: EncodingOptions,
  hidden?: TokenSpan,
): Promise<Float32Array> {
  const tokens = spans.flatMap((span) => span.ids.map((id) => ({ id, weight: span.weight, hidden: span === hidden })));
  const all: Float32Array[] = [];
  for (let window = 0; window < windows; window++) {
    const inside = tokens.slice(window * WINDOW_TOKENS, (window + 1) * WINDOW_TOKENS);
    await options.between();
    const rows = await encoder.encode(
      inside.map(({ id }) => id),
      options.clipSkip,
      inside.map((token) => token.hidden),
    );
    const weights = inside.map(({ weight }) => weight);
    all.push(weights.every((weight) => weight === 1) ? rows : scaleRows(rows, await encodeEmpty(encoder, options), weights));
  }
  return joinFloats(all);
}

/** z₀ + w·(z − z₀) for the rows of the tokens, which begin behind BOS; a weight of 1 leaves its row as it is. */
function scaleRows(rows: Float32Array, empty: Float32Array, weights: readonly number[]): Float32Array {
  const width = rows.length / CLIP_LENGTH;
  const scaled = rows.slice();
  for (const [token, weight] of weights.entries()) {
    if (weight === 1) continue;
    for (let at = (token + 1) * width; at < (token + 2) * width; at++) {
      const origin = empty[at] as number;
      scaled[at] = origin + weight * ((rows[at] as number) - origin);
    }
  }
  return scaled;
}
