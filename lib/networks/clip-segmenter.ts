import type { WeightSource } from "../checkpoints/tensor.js";
import type { Value } from "../onnx/graph.js";
import { embedPatches, POSITION_EMBEDDING, VISION_LAYERS } from "./clip-vision.js";
import type { ClipSegConfig } from "./config.js";
import { convolution3x3 } from "./convolution/convolution.js";
import type { FeatureMap } from "./feature-map.js";
import { clipLayer } from "./layers/clip-layer.js";
import { type BuildOptions, NetworkBuilder, type NetworkGraph } from "./network-builder.js";

/**
 * CLIPSeg (T. Lüddecke and A. Ecker, "Image Segmentation Using Text and Image Prompts", https://arxiv.org/abs/2112.10003;
 * CLIPSegForImageSegmentation of transformers): CLIP's picture tower, and a decoder that looks at some of its layers. Inputs: `pixels`
 * (1, 3, side, side); `condition` (1, P), the projected embedding of a text. Output: (1, H, H), logits.
 * @param view pixels a side, and the embeddings of their places where the tower was trained with others
 * @throws DreamError weights/*
 */
export function buildClipSegmenter(
  config: ClipSegConfig,
  weights: WeightSource,
  view: { readonly side: number; readonly places?: Float32Array },
  options: BuildOptions,
): NetworkGraph {
  const net = new NetworkBuilder("segmenter", weights, options);
  const { ops } = net;
  const { vision } = config;
  const condition = ops.graph.input("condition", "float32", [1, config.projection]);
  const last = Math.max(...config.layers);
  const seen: Value[] = [];
  let x = embedPatches(net, vision, view.side, view.places);
  for (let layer = 0; layer <= last; layer++) {
    x = clipLayer(net, x, `${VISION_LAYERS}.${layer}`, vision, 1);
    if (config.layers.includes(layer)) seen.push(x);
  }
  const rows = decode(net, seen.reverse(), condition, config);
  const grid = view.side / vision.patchSize;
  const squares = ops.gatherRows(
    rows,
    net.indices("squares", [grid * grid], () => Int32Array.from({ length: grid * grid }, (_, place) => place + 1)),
  );
  const map: FeatureMap = { rows: squares, batch: 1, height: grid, width: grid, channels: config.decoder.width };
  const logits = config.decoder.refined ? refine(net, map, vision.patchSize) : enlarge(net, map, CONVOLUTIONS, 1, vision.patchSize);
  ops.graph.output(ops.reshape(logits.rows, [1, logits.height, logits.width]));
  return net.build((key) => !isLeftOut(key, last));
}

const CONVOLUTIONS = "decoder.transposed_convolution";

/** Of the tower: what stands behind the last layer that is looked at, and places that were resized outside. */
function isLeftOut(key: string, lastLayer: number): boolean {
  const layer = key.startsWith(`${VISION_LAYERS}.`) ? Number(key.slice(VISION_LAYERS.length + 1).split(".")[0]) : -1;
  return layer > lastLayer || key === POSITION_EMBEDDING || key.startsWith("vision_model.post_layernorm.");
}

/** The tower's layers, the last one first, added up on the way; each step is a transformer layer with its norms behind it. */
function decode(net: NetworkBuilder, seen: readonly Value[], condition: Value, config: ClipSegConfig): Value {
  const { ops } = net;
  const { width } = config.decoder;
  let x: Value | undefined;
  for (const [place, layer] of seen.entries()) {
    const reduced = net.linear(layer, `decoder.reduces.${place}`, width);
    x = x === undefined ? reduced : ops.add(reduced, x);
    if (place === config.conditionalLayer) {
      // The text scales and shifts every channel.
      const scaled = ops.multiply(x, net.linear(condition, "decoder.film_mul", width));
      x = ops.add(scaled, net.linear(condition, "decoder.film_add", width));
    }
    x = decoderLayer(net, x, `decoder.layers.${place}`, config);
  }
  return x as Value;
}

function decoderLayer(net: NetworkBuilder, x: Value, key: string, { decoder, vision }: ClipSegConfig): Value {
  const { ops } = net;
  const { width, heads, intermediateSize } = decoder;
  const rows = x.shape[0] as number;
  const project = (which: string) => ops.reshape(net.linear(x, `${key}.self_attn.${which}_proj`, width), [1, rows, width]);
  const mixed = ops.reshape(ops.attention(project("q"), project("k"), project("v"), heads), [rows, width]);
  const attended = ops.add(x, net.linear(mixed, `${key}.self_attn.out_proj`, width));
  const h = net.layerNorm(attended, `${key}.layer_norm1`, vision.layerNormEps);
  const inner = ops.relu(net.linear(h, `${key}.mlp.fc1`, intermediateSize));
  return net.layerNorm(ops.add(h, net.linear(inner, `${key}.mlp.fc2`, width)), `${key}.layer_norm2`, vision.layerNormEps);
}

/** A patch's channels become its pixels in two steps. */
function refine(net: NetworkBuilder, map: FeatureMap, patchSize: number): FeatureMap {
  const side = Math.floor(patchSize / 4);
  const smooth = convolution3x3(net, map, `${CONVOLUTIONS}.0`, { outChannels: map.channels });
  const half = enlarge(net, { ...smooth, rows: net.ops.relu(smooth.rows) }, `${CONVOLUTIONS}.2`, Math.floor(map.channels / 2), side);
  return enlarge(net, { ...half, rows: net.ops.relu(half.rows) }, `${CONVOLUTIONS}.4`, 1, side);
}

/** A transposed convolution whose stride is its size: every row becomes a square of pixels. @param key reads `key.weight` (I, O, side, side) */
function enlarge(net: NetworkBuilder, map: FeatureMap, key: string, channels: number, side: number): FeatureMap {
  const { ops, weights } = net;
  const kernel = ops.reshape(weights.tensor(`${key}.weight`, [map.channels, channels, side, side]), [map.channels, channels * side * side]);
  const squares = ops.reshape(ops.matmul(map.rows, kernel), [map.height, map.width, channels, side, side]);
  const [height, width] = [map.height * side, map.width * side];
  const rows = ops.reshape(ops.transpose(squares, [0, 3, 1, 4, 2]), [height * width, channels]);
  return { rows: ops.add(rows, weights.tensor(`${key}.bias`, [channels])), batch: 1, height, width, channels };
}
