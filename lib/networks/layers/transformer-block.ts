import type { Value } from "../../onnx/graph.js";
import { type FeatureMap, pixels } from "../feature-map.js";
import type { NetworkBuilder } from "../network-builder.js";
import { groupNorm } from "./normalization.js";
import { type Projections, type SwapValues, swappedCrossAttention, swappedSelfAttention } from "./swapped-attention.js";

export interface TransformerOptions {
  readonly heads: number;
  readonly layers: number;
  readonly groups: number;
  /** The text: (B·L, D) rows. */
  readonly context: Value;
  /** Set when the last picture of the batch attends as the one before it does. */
  readonly swap?: SwapValues;
}

const LAYER_NORM_EPSILON = 1e-5;
const GROUP_NORM_EPSILON = 1e-6;

/** Transformer2DModel: projections in and out around blocks of self-attention, cross-attention to the text, and feed-forward. */
export function spatialTransformer(net: NetworkBuilder, x: FeatureMap, key: string, options: TransformerOptions): FeatureMap {
  const { ops } = net;
  const normalized = groupNorm(net, x, `${key}.norm`, options.groups, GROUP_NORM_EPSILON);
  // A 1×1 convolution and a linear layer are the same product over rows, so `use_linear_projection` makes no difference here.
  let h = net.linear(normalized.rows, `${key}.proj_in`, x.channels);
  for (let layer = 0; layer < options.layers; layer++) h = basicTransformer(net, h, x, `${key}.transformer_blocks.${layer}`, options);
  return { ...x, rows: ops.add(net.linear(h, `${key}.proj_out`, x.channels), x.rows) };
}

function basicTransformer(net: NetworkBuilder, rows: Value, map: FeatureMap, key: string, options: TransformerOptions): Value {
  const { ops } = net;
  const { batch, channels } = map;
  const { heads, swap } = options;
  const mix = (name: "attn1" | "attn2", projections: Projections): Value => {
    if (swap !== undefined) return (name === "attn1" ? swappedSelfAttention : swappedCrossAttention)(net, projections, heads, swap);
    return ops.attention(projections.query, projections.key, projections.value, heads);
  };
  const attend = (query: Value, source: Value, name: "attn1" | "attn2"): Value => {
    const project = (input: Value, which: string) => {
      const rows = net.linear(input, `${key}.${name}.${which}`, channels, false);
      return ops.reshape(rows, [batch, (rows.shape[0] as number) / batch, channels]); // (B, S, C)
    };
    const mixed = mix(name, { query: project(query, "to_q"), key: project(source, "to_k"), value: project(source, "to_v") });
    return net.linear(ops.reshape(mixed, [batch * pixels(map), channels]), `${key}.${name}.to_out.0`, channels);
  };
  const norm = (input: Value, index: number) => net.layerNorm(input, `${key}.norm${index}`, LAYER_NORM_EPSILON);

  const forSelf = norm(rows, 1);
  let h = ops.add(attend(forSelf, forSelf, "attn1"), rows);
  h = ops.add(attend(norm(h, 2), options.context, "attn2"), h);
  return ops.add(geglu(net, norm(h, 3), `${key}.ff`, channels), h);
}

/** Feed-forward with a GELU gate (https://arxiv.org/abs/2002.05202); the fused projection is read as two halves. */
function geglu(net: NetworkBuilder, x: Value, key: string, channels: number): Value {
  const { ops, weights } = net;
  const inner = 4 * channels;
  const half = (from: number) =>
    ops.gemm(
      x,
      weights.rows(`${key}.net.0.proj.weight`, [2 * inner, channels], from, from + inner),
      weights.rows(`${key}.net.0.proj.bias`, [2 * inner], from, from + inner),
    );
  return net.linear(ops.multiply(half(0), ops.gelu(half(inner))), `${key}.net.2`, channels);
}
