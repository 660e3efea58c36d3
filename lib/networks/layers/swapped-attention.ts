import type { Value } from "../../onnx/graph.js";
import type { NetworkBuilder } from "../network-builder.js";

/**
 * Attention maps of one picture used for another (https://arxiv.org/abs/2208.01626), as `.swap()` of InvokeAI 2.2 does: the last picture of a
 * batch, the edited one, takes maps of the last but one, the original. No map leaves the graph, and none is even written down: a map times
 * values is an attention with other values, and a sum of two maps is a sum of two attentions.
 */

/** Which maps are taken; inputs of the graph, so that one graph serves every prompt and every step. */
export interface SwapValues {
  /** (B): whose map of self-attention each picture uses, by its place in the batch. */
  readonly selfSource: Value;
  /** (T, T): 1 in row i and column j where token j of the edited text takes the attention of token i of the original. */
  readonly remap: Value;
  /** (T, 1): 1 where a token of the edited text keeps the attention of its own. */
  readonly own: Value;
}

/** Queries (B, S, C), keys and values (B, L, C) of all heads. */
export interface Projections {
  readonly query: Value;
  readonly key: Value;
  readonly value: Value;
}

/** Declares the inputs `swap_self_source`, `swap_remap` and `swap_own`. */
export function swapInputs({ ops }: NetworkBuilder, batch: number, tokens: number): SwapValues {
  return {
    selfSource: ops.graph.input("swap_self_source", "int32", [batch]),
    remap: ops.graph.input("swap_remap", "float32", [1, tokens, tokens]),
    own: ops.graph.input("swap_own", "float32", [tokens, 1]),
  };
}

/** @returns (B, S, C) */
export function swappedSelfAttention({ ops }: NetworkBuilder, { query, key, value }: Projections, heads: number, swap: SwapValues): Value {
  return ops.attention(ops.gatherRows(query, swap.selfSource), ops.gatherRows(key, swap.selfSource), value, heads);
}

/**
 * The edited picture's map is the original's, its columns moved to where the edited text has the same words, and its own for the words
 * that are new: A = A_o·R + A_e·diag(own), so A·v = A_o·(R·v) + A_e·(own·v).
 * @returns (B, S, C)
 */
export function swappedCrossAttention(net: NetworkBuilder, { query, key, value }: Projections, heads: number, swap: SwapValues): Value {
  const { ops } = net;
  const batch = value.shape[0] as number;
  const edited = batch - 1;
  const places = (name: string, order: readonly number[]) => net.indices(`swap.${name}`, [order.length], () => Int32Array.from(order));
  const all = Array.from({ length: batch }, (_, place) => place);
  const last = places("edited", [edited]);
  const others = places("others", all.slice(0, -1));
  // One more picture behind the batch: the original's map, the edited text's values.
  const twice = places("twice", [...all, edited - 1]);
  const editedValue = ops.gatherRows(value, last); // (1, L, C)
  const values = [ops.gatherRows(value, others), ops.multiply(editedValue, swap.own), ops.matmul(swap.remap, editedValue)];
  const mixed = ops.attention(ops.gatherRows(query, twice), ops.gatherRows(key, twice), ops.concat(values, 0), heads); // (B + 1, S, C)
  const together = ops.add(ops.gatherRows(mixed, last), ops.gatherRows(mixed, places("behind", [batch])));
  return ops.concat([ops.gatherRows(mixed, others), together], 0);
}
