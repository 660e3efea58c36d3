import type { WeightSource } from "../checkpoints/tensor.js";
import type { Value } from "../onnx/graph.js";
import type { ClipTextConfig } from "./config.js";
import { type BuildOptions, NetworkBuilder, type NetworkGraph } from "./network-builder.js";

/**
 * CLIP's text transformer (https://arxiv.org/abs/2103.00020; CLIPTextModel of transformers) with its final layer norm, without projection.
 * Inputs: `embeddings` (B, T, C), the token embeddings: they are looked up outside, so that the table need not be loaded and textual
 * inversion can bring rows of its own; `attention_bias` (B, 1, T, T), added to the scores (causal and padding masks).
 * Output: (B, T, C).
 * @param layers how many layers to run: fewer than the model has is "clip skip"; Stable Diffusion 2.x stops one early
 * @throws DreamError weights/*
 */
export function buildClipTextEncoder(
  config: ClipTextConfig,
  weights: WeightSource,
  shape: { readonly batch: number; readonly tokens: number; readonly layers: number },
  options: BuildOptions,
): NetworkGraph {
  const net = new NetworkBuilder("text_encoder", weights, options);
  const { ops } = net;
  const { batch, tokens, layers } = shape;
  const width = config.hiddenSize;
  const embeddings = ops.graph.input("embeddings", "float32", [batch, tokens, width]);
  const bias = ops.graph.input("attention_bias", "float32", [batch, 1, tokens, tokens]);
  const positions = net.weights.rows("text_model.embeddings.position_embedding.weight", [config.maxPositions, width], 0, tokens);

  let x = ops.reshape(ops.add(embeddings, positions), [batch * tokens, width]);
  for (let layer = 0; layer < layers; layer++) x = encoderLayer(net, x, `text_model.encoder.layers.${layer}`, config, batch, bias);
  x = net.layerNorm(x, "text_model.final_layer_norm", config.layerNormEps);
  ops.graph.output(ops.reshape(x, [batch, tokens, width]));
  return net.build((key) => key !== TOKEN_EMBEDDING && !isSkippedLayer(key, layers, config.layers));
}

/** Key of the table that the caller looks tokens up in, (vocabulary, C). */
export const TOKEN_EMBEDDING = "text_model.embeddings.token_embedding.weight";

function isSkippedLayer(key: string, layers: number, all: number): boolean {
  const layer = /^text_model\.encoder\.layers\.(\d+)\./.exec(key)?.[1];
  return layer !== undefined && Number(layer) >= layers && Number(layer) < all;
}

function encoderLayer(net: NetworkBuilder, x: Value, key: string, config: ClipTextConfig, batch: number, bias: Value): Value {
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
