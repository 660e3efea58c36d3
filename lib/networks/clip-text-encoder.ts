import type { WeightSource } from "../checkpoints/tensor.js";
import type { ClipTextConfig } from "./config.js";
import { clipLayer } from "./layers/clip-layer.js";
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
  for (let layer = 0; layer < layers; layer++) x = clipLayer(net, x, `text_model.encoder.layers.${layer}`, config, batch, bias);
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
