import type { WeightSource } from "../checkpoints/tensor.js";
import { convolution3x3 } from "./convolution/convolution.js";
import type { FeatureMap } from "./feature-map.js";
import { fromRows, toRows } from "./layers/latent-rows.js";
import { type BuildOptions, NetworkBuilder, type NetworkGraph } from "./network-builder.js";
import type { Extent } from "./network-sessions.js";

/** The decoder of diffusers' `AutoencoderTiny` (TAESD), which shows latents almost as the VAE does, in a fraction of the time. */
export interface PreviewDecoderConfig {
  readonly latentChannels: number;
  /** Channels between all layers. */
  readonly channels: number;
  /** Residual blocks before each doubling of the size, and behind the last one. */
  readonly blocks: readonly number[];
  /** What the latents are divided by first. */
  readonly scalingFactor: number;
}

/** Latents are squeezed into ±this, softly. */
const MAGNITUDE = 3;

/**
 * Input: `latents` (1, C, H, W) as the U-Net has them. Output: (1, 3, sH, sW), about −1 … 1, s = 2^(doublings). Sources: diffusers,
 * `AutoencoderTiny`; O. Boer Bohan, https://github.com/madebyollin/taesd.
 *
 * @param weights with keys that begin with `decoder.layers.`; those of an encoder beside them are not for this graph
 * @throws DreamError weights/*
 */
export function buildPreviewDecoder(
  { latentChannels, channels, blocks, scalingFactor }: PreviewDecoderConfig,
  weights: WeightSource,
  { height, width }: Extent,
  options: BuildOptions,
): NetworkGraph {
  const net = new NetworkBuilder("preview decoder", weights, options);
  const { ops } = net;
  const latents = toRows(net, ops.graph.input("latents", "float32", [1, latentChannels, height, width]));
  const squeezed = ops.tanh(ops.multiply(latents.rows, ops.graph.scalar(1 / (scalingFactor * MAGNITUDE))));
  let x: FeatureMap = { ...latents, rows: ops.multiply(squeezed, ops.graph.scalar(MAGNITUDE)) };
  x = relu(net, convolution3x3(net, x, "decoder.layers.0", { outChannels: channels }));
  // Place 1 is the activation; every doubling has a place of its own before its convolution.
  let place = 2;
  for (const [level, count] of blocks.entries()) {
    for (let block = 0; block < count; block++) x = residual(net, x, `decoder.layers.${place++}.conv`);
    const isLast = level === blocks.length - 1;
    if (isLast) x = convolution3x3(net, x, `decoder.layers.${place}`, { outChannels: 3 });
    else x = convolution3x3(net, x, `decoder.layers.${place + 1}`, { outChannels: channels, upsample: 2, omitBias: true });
    place += 2;
  }
  const doubled = ops.multiply(fromRows(net, x), ops.graph.scalar(2));
  ops.graph.output(ops.subtract(doubled, ops.graph.scalar(1)));
  return net.build((key) => key.startsWith("decoder."));
}

/** x + three convolutions of it. */
function residual(net: NetworkBuilder, x: FeatureMap, key: string): FeatureMap {
  const { channels } = x;
  let inner = x;
  for (const place of [0, 2]) inner = relu(net, convolution3x3(net, inner, `${key}.${place}`, { outChannels: channels }));
  inner = convolution3x3(net, inner, `${key}.4`, { outChannels: channels });
  return relu(net, { ...x, rows: net.ops.add(inner.rows, x.rows) });
}

function relu(net: NetworkBuilder, x: FeatureMap): FeatureMap {
  return { ...x, rows: net.ops.relu(x.rows) };
}
