import type { Feed } from "../onnx/session.js";

/** Which attention maps an edited picture takes of the original. */
export interface SwappedMaps {
  /** Those of self-attention. */
  readonly self: boolean;
  /** Of cross-attention: for each token of the edited text the place of the original's token whose map it takes, −1 to keep its own. */
  readonly tokens: Int32Array;
}

/** What the graph's further inputs hold (`layers/swapped-attention.ts`). The edited picture is the last of the batch. */
export function swapFeeds({ self, tokens }: SwappedMaps, batch: number): Readonly<Record<string, Feed>> {
  const count = tokens.length;
  const selfSource = Int32Array.from({ length: batch }, (_, place) => (self && place === batch - 1 ? batch - 2 : place));
  const remap = new Float32Array(count * count);
  const own = new Float32Array(count);
  for (const [token, source] of tokens.entries()) {
    if (source < 0) own[token] = 1;
    else remap[source * count + token] = 1;
  }
  return {
    swap_self_source: { data: selfSource, shape: [batch] },
    swap_remap: { data: remap, shape: [1, count, count] },
    swap_own: { data: own, shape: [count, 1] },
  };
}
