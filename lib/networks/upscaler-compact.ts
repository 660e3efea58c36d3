import type { WeightSource } from "../checkpoints/tensor.js";
import { convolution3x3 } from "./convolution/convolution.js";
import { toRows } from "./layers/latent-rows.js";
import { type BuildOptions, NetworkBuilder, type NetworkGraph } from "./network-builder.js";
import type { CompactConfig } from "./upscaler-config.js";

/**
 * The compact network of Real-ESRGAN. Input: `picture` (1, 3, H, W) in 0 … 1. Output: (1, 3, scale·H, scale·W), about 0 … 1: the input with its
 * pixels repeated, and what the network adds to it. Source: X. Wang et al., "Real-ESRGAN" (https://arxiv.org/abs/2107.10833), the form
 * of its general-purpose models.
 * @param shape pixels of the input
 * @throws DreamError weights/*
 */
export function buildCompactNetwork(
  config: CompactConfig,
  weights: WeightSource,
  { height, width }: { readonly height: number; readonly width: number },
  options: BuildOptions,
): NetworkGraph {
  const net = new NetworkBuilder("upscaler", weights, options);
  const { ops } = net;
  const { features, scale } = config;
  const picture = ops.graph.input("picture", "float32", [1, 3, height, width]);
  let x = toRows(net, picture);
  // Even places are convolutions, odd ones their PReLUs.
  const last = 2 * (config.convolutions + 1);
  for (let place = 0; place < last; place += 2) {
    x = convolution3x3(net, x, `body.${place}`, { outChannels: features });
    x = { ...x, rows: ops.parametricRelu(x.rows, net.weights.tensor(`body.${place + 1}.weight`, [features])) };
  }
  x = convolution3x3(net, x, `body.${last}`, { outChannels: 3 * scale * scale });
  // Pixel shuffle: channels (colour, row, column) become squares of pixels.
  const squares = ops.transpose(ops.reshape(x.rows, [height, width, 3, scale, scale]), [2, 0, 3, 1, 4]); // (3, H, scale, W, scale)
  const repeated = ops.reshape(picture, [3, height, 1, width, 1]);
  ops.graph.output(ops.reshape(ops.add(squares, repeated), [1, 3, height * scale, width * scale]));
  return net.build();
}
