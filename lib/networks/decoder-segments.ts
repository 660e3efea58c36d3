import type { WeightSource } from "../checkpoints/tensor.js";
import type { Value } from "../onnx/graph.js";
import { decoderBlock, decoderStart, decoderUpsampler, NORM_EPSILON } from "./autoencoder-kl.js";
import type { AutoencoderKLConfig } from "./config.js";
import { convolution3x3 } from "./convolution/convolution.js";
import type { FeatureMap } from "./feature-map.js";
import { normalizeGroups } from "./layers/normalization.js";
import { type BuildOptions, NetworkBuilder, type NetworkGraph } from "./network-builder.js";

/*
 * The VAE's decoder in pieces that see a band of the picture only. What couples distant pixels in it is attention, which sits at the
 * latents' extents, and group normalisation, whose statistics are taken over the whole picture. So the decoder is cut before every
 * normalisation: a piece takes the statistics from outside and gives the sums from which the next ones follow.
 */

/** A piece behind the coarse part. `key` is its convolution. */
export type DecoderSegment =
  | { readonly kind: "upsample"; readonly key: string; readonly inChannels: number; readonly outChannels: number }
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

/** Blocks at the finest two resolutions are worked through in bands: their activations are what takes the memory. */
function firstBandedBlock(config: AutoencoderKLConfig): number {
  return Math.max(1, config.blockOutChannels.length - 2);
}

/** Pixels per latent element behind the coarse part. */
export function coarseScale(config: AutoencoderKLConfig): number {
  return 2 ** (firstBandedBlock(config) - 1);
}

/** Channels behind the coarse part. */
export function coarseChannels(config: AutoencoderKLConfig): number {
  return config.blockOutChannels.at(-firstBandedBlock(config)) as number;
}

/** The pieces behind the coarse part, in order. */
export function decoderSegments(config: AutoencoderKLConfig): readonly DecoderSegment[] {
  const segments: DecoderSegment[] = [];
  let channels = coarseChannels(config);
  for (let index = firstBandedBlock(config); index < config.blockOutChannels.length; index++) {
    segments.push({
      kind: "upsample",
      key: `decoder.up_blocks.${index - 1}.upsamplers.0.conv`,
      inChannels: channels,
      outChannels: channels,
    });
    const outChannels = config.blockOutChannels.at(-1 - index) as number;
    for (let layer = 0; layer <= config.layersPerBlock; layer++) {
      const key = `decoder.up_blocks.${index}.resnets.${layer}`;
      const shortcut = channels === outChannels ? undefined : `${key}.conv_shortcut`;
      const skipChannels = channels;
      segments.push(
        { kind: "normalize", key: `${key}.conv1`, norm: `${key}.norm1`, inChannels: channels, outChannels, skip: "keep" },
        {
          kind: "normalize",
          key: `${key}.conv2`,
          norm: `${key}.norm2`,
          inChannels: outChannels,
          outChannels,
          skip: "add",
          skipChannels,
          shortcut,
        },
      );
      channels = outChannels;
    }
  }
  const { outChannels } = config;
  segments.push({ kind: "normalize", key: "decoder.conv_out", norm: "decoder.conv_norm_out", inChannels: channels, outChannels });
  return segments;
}

/**
 * The coarse part, for the whole picture. Input: `latents` (1, latentChannels, H, W). Output: its rows, then one row of sums and one of
 * sums of squares over all pixels.
 */
export function buildCoarsePart(
  config: AutoencoderKLConfig,
  weights: WeightSource,
  { height, width }: { readonly height: number; readonly width: number },
  options: BuildOptions,
): NetworkGraph {
  const net = new NetworkBuilder("vae_decoder", weights, options);
  const { ops } = net;
  let x = decoderStart(net, ops.graph.input("latents", "float32", [1, config.latentChannels, height, width]), config);
  for (let index = 0; index < firstBandedBlock(config); index++) {
    if (index > 0) x = decoderUpsampler(net, x, index - 1, config);
    x = decoderBlock(net, x, index, config);
  }
  const every = x.height * x.width;
  const ones = ops.graph.constant("ones", "float32", [1, every], () => new Float32Array(every).fill(1));
  ops.graph.output(withSums(net, x, ones));
  return net.build(() => false);
}

/**
 * One piece for a band. Inputs: `rows` (height·width, inChannels); `mask` (1, output pixels), 1 where the band's own pixels are and 0 where
 * its neighbours'; for "normalize" also `mean` and `variance` (1, groups, 1), and with skip "add" `skip` (height·width, skipChannels).
 * Output: as of the coarse part, the sums over the band's own pixels only.
 */
export function buildSegment(
  config: AutoencoderKLConfig,
  weights: WeightSource,
  segment: DecoderSegment,
  { height, width }: { readonly height: number; readonly width: number },
  options: BuildOptions,
): NetworkGraph {
  const net = new NetworkBuilder("vae_decoder", weights, options);
  const { ops } = net;
  const { key, inChannels: channels, outChannels } = segment;
  const rows = ops.graph.input("rows", "float32", [height * width, channels]);
  let x: FeatureMap = { rows, batch: 1, height, width, channels };
  if (segment.kind === "upsample") {
    x = convolution3x3(net, x, key, { outChannels, upsample: 2 });
  } else {
    const statistic = (name: string) => ops.graph.input(name, "float32", [1, config.normGroups, 1]);
    x = normalizeGroups(net, x, segment.norm, NORM_EPSILON, { mean: statistic("mean"), variance: statistic("variance") });
    x = convolution3x3(net, { ...x, rows: ops.silu(x.rows) }, key, { outChannels });
    if (segment.skip === "add") {
      const skip = ops.graph.input("skip", "float32", [height * width, segment.skipChannels as number]);
      x = { ...x, rows: ops.add(segment.shortcut ? net.linear(skip, segment.shortcut, outChannels) : skip, x.rows) };
    }
  }
  ops.graph.output(withSums(net, x, ops.graph.input("mask", "float32", [1, x.height * x.width])));
  return net.build(() => false);
}

function withSums({ ops }: NetworkBuilder, x: FeatureMap, mask: Value): Value {
  return ops.concat([x.rows, ops.matmul(mask, x.rows), ops.matmul(mask, ops.multiply(x.rows, x.rows))], 0);
}
