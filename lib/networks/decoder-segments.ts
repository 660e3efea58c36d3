import type { WeightSource } from "../checkpoints/tensor.js";
import { decoderBlock, decoderStart, decoderUpsampler } from "./autoencoder-kl.js";
import { type BandSegment, residualSegments, withSums } from "./band-segments.js";
import type { AutoencoderKLConfig } from "./config.js";
import { type BuildOptions, NetworkBuilder, type NetworkGraph } from "./network-builder.js";

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
export function decoderSegments(config: AutoencoderKLConfig): readonly BandSegment[] {
  const segments: BandSegment[] = [];
  let channels = coarseChannels(config);
  for (let index = firstBandedBlock(config); index < config.blockOutChannels.length; index++) {
    segments.push({
      kind: "double",
      key: `decoder.up_blocks.${index - 1}.upsamplers.0.conv`,
      inChannels: channels,
      outChannels: channels,
    });
    const outChannels = config.blockOutChannels.at(-1 - index) as number;
    for (let layer = 0; layer <= config.layersPerBlock; layer++) {
      segments.push(...residualSegments(`decoder.up_blocks.${index}.resnets.${layer}`, channels, outChannels));
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
