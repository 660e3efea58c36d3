import type { WeightSource } from "../checkpoints/tensor.js";
import type { Value } from "../onnx/graph.js";
import { NORM_EPSILON } from "./autoencoder-kl.js";
import type { AutoencoderKLConfig } from "./config.js";
import { convolution3x3 } from "./convolution/convolution.js";
import type { FeatureMap } from "./feature-map.js";
import { normalizeGroups } from "./layers/normalization.js";
import { type BuildOptions, NetworkBuilder, type NetworkGraph } from "./network-builder.js";

/*
 * The VAE in pieces that see a band of the picture only. What couples distant pixels in it is attention, which sits at the latents'
 * extents, and group normalisation, whose statistics are taken over the whole picture. So both halves are cut before every normalisation:
 * a piece takes the statistics from outside and gives the sums from which the next ones follow.
 */

/** A piece at the finest resolutions. `key` is its convolution. */
export type BandSegment =
  | {
      /** "halve" pads at the right and at the bottom only, as the encoder was trained. */
      readonly kind: "convolve" | "double" | "halve";
      readonly key: string;
      readonly inChannels: number;
      readonly outChannels: number;
    }
  | {
      readonly kind: "normalize";
      readonly key: string;
      readonly norm: string;
      readonly inChannels: number;
      readonly outChannels: number;
      /** "keep" remembers this piece's input; "add" adds what was remembered, through `shortcut` where the channels differ. */
      readonly skip?: "keep" | "add";
      readonly skipChannels?: number;
      readonly shortcut?: string;
    };

/** The two pieces of a residual block. @param key of the block */
export function residualSegments(key: string, inChannels: number, outChannels: number): readonly BandSegment[] {
  const shortcut = inChannels === outChannels ? undefined : `${key}.conv_shortcut`;
  const ends = { outChannels, skipChannels: inChannels, shortcut };
  return [
    { kind: "normalize", key: `${key}.conv1`, norm: `${key}.norm1`, inChannels, outChannels, skip: "keep" },
    { kind: "normalize", key: `${key}.conv2`, norm: `${key}.norm2`, inChannels: outChannels, skip: "add", ...ends },
  ];
}

/**
 * One piece for a band. Inputs: `rows` (height·width, inChannels); `mask` (1, output pixels), 1 where the band's own pixels are and 0 where
 * its neighbours'; for "normalize" also `mean` and `variance` (1, groups, 1), and with skip "add" `skip` (height·width, skipChannels).
 * Output: the rows that come of them, then one row of sums and one of sums of squares over the band's own pixels.
 * @param name of the network that the weights belong to
 */
export function buildSegment(
  name: "vae_decoder" | "vae_encoder",
  config: AutoencoderKLConfig,
  weights: WeightSource,
  segment: BandSegment,
  { height, width }: { readonly height: number; readonly width: number },
  options: BuildOptions,
): NetworkGraph {
  const net = new NetworkBuilder(name, weights, options);
  const { ops } = net;
  const { key, inChannels: channels, outChannels } = segment;
  const rows = ops.graph.input("rows", "float32", [height * width, channels]);
  let x: FeatureMap = { rows, batch: 1, height, width, channels };
  if (segment.kind === "normalize") {
    const statistic = (which: string) => ops.graph.input(which, "float32", [1, config.normGroups, 1]);
    x = normalizeGroups(net, x, segment.norm, NORM_EPSILON, { mean: statistic("mean"), variance: statistic("variance") });
    x = convolution3x3(net, { ...x, rows: ops.silu(x.rows) }, key, { outChannels });
    if (segment.skip === "add") {
      const skip = ops.graph.input("skip", "float32", [height * width, segment.skipChannels as number]);
      x = { ...x, rows: ops.add(segment.shortcut ? net.linear(skip, segment.shortcut, outChannels) : skip, x.rows) };
    }
  } else if (segment.kind === "halve") {
    x = convolution3x3(net, x, key, { outChannels, stride: 2, padStart: 0 });
  } else {
    x = convolution3x3(net, x, key, { outChannels, upsample: segment.kind === "double" ? 2 : 1 });
  }
  ops.graph.output(withSums(net, x, ops.graph.input("mask", "float32", [1, x.height * x.width])));
  return net.build(() => false);
}

/** Rows, then a row of sums and one of sums of squares over the pixels where the mask (1, pixels) is 1. */
export function withSums({ ops }: NetworkBuilder, x: FeatureMap, mask: Value): Value {
  return ops.concat([x.rows, ops.matmul(mask, x.rows), ops.matmul(mask, ops.multiply(x.rows, x.rows))], 0);
}
