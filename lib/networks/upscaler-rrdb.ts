import type { WeightSource } from "../checkpoints/tensor.js";
import type { Value } from "../onnx/graph.js";
import { convolution3x3 } from "./convolution/convolution.js";
import type { FeatureMap } from "./feature-map.js";
import { fromRows, toRows } from "./layers/latent-rows.js";
import { type BuildOptions, NetworkBuilder, type NetworkGraph } from "./network-builder.js";
import type { RrdbConfig } from "./upscaler-config.js";

const SLOPE = 0.2;
/** How much of a block's result is added to its input. */
const SHARE = 0.2;
const DENSE_LAYERS = 5;

/**
 * RRDBNet. Input: `picture` (1, 3, H, W) in 0 … 1. Output: (1, 3, scale·H, scale·W), about 0 … 1. Source: X. Wang et al., "ESRGAN"
 * (https://arxiv.org/abs/1809.00219); with the picture unshuffled into its channels, "Real-ESRGAN" (https://arxiv.org/abs/2107.10833).
 * @param shape pixels of the input, multiples of `config.unshuffle`
 * @throws DreamError weights/*
 */
export function buildRrdbNetwork(
  config: RrdbConfig,
  weights: WeightSource,
  shape: { readonly height: number; readonly width: number },
  options: BuildOptions,
): NetworkGraph {
  const net = new NetworkBuilder("upscaler", weights, options);
  const picture = net.ops.graph.input("picture", "float32", [1, 3, shape.height, shape.width]);
  const { features: outChannels } = config;
  const first = convolution3x3(net, unshuffled(net, picture, config.unshuffle), "conv_first", { outChannels });
  let x = first;
  for (let block = 0; block < config.blocks; block++) x = residualInResidual(net, x, `body.${block}`, config);
  x = plus(net, first, convolution3x3(net, x, "conv_body", { outChannels }));
  for (let doubling = 1; doubling <= config.doublings; doubling++) {
    x = leaky(net, convolution3x3(net, x, `conv_up${doubling}`, { outChannels, upsample: 2 }));
  }
  x = leaky(net, convolution3x3(net, x, "conv_hr", { outChannels }));
  net.ops.graph.output(fromRows(net, convolution3x3(net, x, "conv_last", { outChannels: 3 })));
  return net.build();
}

/** Squares of `side`×`side` pixels into the channels, as torch's `pixel_unshuffle` orders them: (colour, row, column). */
function unshuffled(net: NetworkBuilder, picture: Value, side: number): FeatureMap {
  if (side === 1) return toRows(net, picture);
  const { ops } = net;
  const [, , fullHeight, fullWidth] = picture.shape as [number, number, number, number];
  const [height, width, channels] = [fullHeight / side, fullWidth / side, 3 * side * side];
  const squares = ops.transpose(ops.reshape(picture, [3, height, side, width, side]), [1, 3, 0, 2, 4]); // (H, W, 3, side, side)
  return { rows: ops.reshape(squares, [height * width, channels]), batch: 1, height, width, channels };
}

function residualInResidual(net: NetworkBuilder, x: FeatureMap, key: string, config: RrdbConfig): FeatureMap {
  let y = x;
  for (let dense = 1; dense <= 3; dense++) y = denseBlock(net, y, `${key}.rdb${dense}`, config);
  return plusShare(net, x, y);
}

/** Every convolution sees the input and what all before it made. */
function denseBlock(net: NetworkBuilder, x: FeatureMap, key: string, { features, growth }: RrdbConfig): FeatureMap {
  let seen = x;
  for (let layer = 1; layer < DENSE_LAYERS; layer++) {
    const made = leaky(net, convolution3x3(net, seen, `${key}.conv${layer}`, { outChannels: growth }));
    seen = { ...seen, rows: net.ops.concat([seen.rows, made.rows], 1), channels: seen.channels + growth };
  }
  return plusShare(net, x, convolution3x3(net, seen, `${key}.conv${DENSE_LAYERS}`, { outChannels: features }));
}

function leaky(net: NetworkBuilder, x: FeatureMap): FeatureMap {
  return { ...x, rows: net.ops.leakyRelu(x.rows, SLOPE) };
}

function plus({ ops }: NetworkBuilder, x: FeatureMap, change: FeatureMap): FeatureMap {
  return { ...x, rows: ops.add(x.rows, change.rows) };
}

function plusShare(net: NetworkBuilder, x: FeatureMap, change: FeatureMap): FeatureMap {
  const share = net.ops.graph.constant("share", "float32", [1], () => Float32Array.of(SHARE));
  return plus(net, x, { ...change, rows: net.ops.multiply(change.rows, share) });
}
