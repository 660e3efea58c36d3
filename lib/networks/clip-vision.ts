import type { WeightSource } from "../checkpoints/tensor.js";
import type { Value } from "../onnx/graph.js";
import type { ClipVisionConfig } from "./config.js";
import { clipLayer } from "./layers/clip-layer.js";
import { type BuildOptions, NetworkBuilder, type NetworkGraph } from "./network-builder.js";

/**
 * CLIP's picture tower (https://arxiv.org/abs/2103.00020; CLIPVisionModelWithProjection of transformers). Input: `pixels` (1, 3, S, S), normalised.
 * Output: (1, P), the class token behind the last layer norm, projected, not normalised.
 * @param shape.projection P
 * @throws DreamError weights/*
 */
export function buildClipVision(
  config: ClipVisionConfig,
  weights: WeightSource,
  { projection }: { readonly projection: number },
  options: BuildOptions,
): NetworkGraph {
  const net = new NetworkBuilder("vision", weights, options);
  const { ops } = net;
  let x = embedPatches(net, config, config.imageSize);
  for (let layer = 0; layer < config.layers; layer++) x = clipLayer(net, x, `${VISION_LAYERS}.${layer}`, config, 1);
  // The class token stands first.
  const pooled = ops.gatherRows(
    x,
    net.indices("class", [1], () => Int32Array.of(0)),
  );
  const normalized = net.layerNorm(pooled, "vision_model.post_layernorm", config.layerNormEps);
  ops.graph.output(net.linear(normalized, "visual_projection", projection, false));
  return net.build();
}

/** Where the layers stand in the weights, and the embeddings of places, (1 + G², C). */
export const VISION_LAYERS = "vision_model.encoder.layers";
export const POSITION_EMBEDDING = "vision_model.embeddings.position_embedding.weight";

/**
 * A picture as rows: the class token, then its squares, each with the embedding of its place. Input of the graph: `pixels` (1, 3, side, side).
 * @param side pixels, a multiple of the patches' size
 * @param places embeddings of the places where `side` is not what the model was trained with, (1 + G², C)
 * @returns (1 + G², C)
 */
export function embedPatches(net: NetworkBuilder, config: ClipVisionConfig, side: number, places?: Float32Array): Value {
  const { patchSize, hiddenSize, layerNormEps } = config;
  const { ops, weights } = net;
  const grid = side / patchSize;
  const key = "vision_model.embeddings";
  const pixels = ops.graph.input("pixels", "float32", [1, 3, side, side]);
  // A convolution whose stride is its size is a product over squares of pixels.
  const squares = ops.transpose(ops.reshape(pixels, [3, grid, patchSize, grid, patchSize]), [1, 3, 0, 2, 4]);
  const values = 3 * patchSize * patchSize;
  const kernel = ops.reshape(weights.tensor(`${key}.patch_embedding.weight`, [hiddenSize, 3, patchSize, patchSize]), [hiddenSize, values]);
  const patches = ops.gemm(ops.reshape(squares, [grid * grid, values]), kernel);
  const first = ops.reshape(weights.tensor(`${key}.class_embedding`, [hiddenSize]), [1, hiddenSize]);
  const shape = [grid * grid + 1, hiddenSize];
  const positions = places ? ops.graph.constant("places", "float32", shape, () => places) : weights.tensor(POSITION_EMBEDDING, shape);
  // The published spelling.
  return net.layerNorm(ops.add(ops.concat([first, patches], 0), positions), "vision_model.pre_layrnorm", layerNormEps);
}
