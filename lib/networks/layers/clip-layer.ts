import type { Value } from "../../onnx/graph.js";
import type { ClipLayerConfig } from "../config.js";
import type { NetworkBuilder } from "../network-builder.js";

/**
 * One layer of CLIP's transformers (https://arxiv.org/abs/2103.00020), the same for texts and pictures: self-attention, then a perceptron, each
 * behind a layer norm and added to what went in.
 * @param x (B·T, C)
 * @param key reads `key.self_attn`, `key.mlp` and the norms
 * @param bias added to the scores, (B, 1, T, T); absent where all see all
 */
export function clipLayer(net: NetworkBuilder, x: Value, key: string, config: ClipLayerConfig, batch: number, bias?: Value): Value {
  const { ops } = net;
  const width = config.hiddenSize;
  const rows = x.shape[0] as number;
  const normalized = net.layerNorm(x, `${key}.layer_norm1`, config.layerNormEps);
  const project = (which: string) =>
    ops.reshape(net.linear(normalized, `${key}.self_attn.${which}_proj`, width), [batch, rows / batch, width]);
  const mixed = ops.attention(project("q"), project("k"), project("v"), config.heads, bias);
  const h = ops.add(net.linear(ops.reshape(mixed, [rows, width]), `${key}.self_attn.out_proj`, width), x);

  const inner = net.linear(net.layerNorm(h, `${key}.layer_norm2`, config.layerNormEps), `${key}.mlp.fc1`, config.intermediateSize);
  const activated = config.activation === "quick_gelu" ? ops.quickGelu(inner, 1.702) : ops.gelu(inner);
  return ops.add(net.linear(activated, `${key}.mlp.fc2`, width), h);
}
