import type { WeightSource } from "../checkpoints/tensor.js";
import { encoderEnd } from "./autoencoder-kl.js";
import { type BandSegment, residualSegments } from "./band-segments.js";
import type { AutoencoderKLConfig } from "./config.js";
import type { FeatureMap } from "./feature-map.js";
import { type BuildOptions, NetworkBuilder, type NetworkGraph } from "./network-builder.js";

/** The finest two resolutions are worked through in bands: their activations are what takes the memory. The coarsest never is. */
function bandedLevels(config: AutoencoderKLConfig): number {
  return Math.min(2, config.blockOutChannels.length - 1);
}

/** Pixels along a side that become one behind the bands. */
export function bandedScale(config: AutoencoderKLConfig): number {
  return 2 ** bandedLevels(config);
}

/** The pieces before the coarse part, in order. */
export function encoderSegments(config: AutoencoderKLConfig): readonly BandSegment[] {
  let channels = config.blockOutChannels[0] as number;
  const segments: BandSegment[] = [{ kind: "convolve", key: "encoder.conv_in", inChannels: config.inChannels, outChannels: channels }];
  for (let level = 0; level < bandedLevels(config); level++) {
    const outChannels = config.blockOutChannels[level] as number;
    const key = `encoder.down_blocks.${level}`;
    for (let layer = 0; layer < config.layersPerBlock; layer++) {
      segments.push(...residualSegments(`${key}.resnets.${layer}`, channels, outChannels));
      channels = outChannels;
    }
    segments.push({ kind: "halve", key: `${key}.downsamplers.0.conv`, inChannels: channels, outChannels: channels });
  }
  return segments;
}

/**
 * The coarse part, for the whole picture. Input: `rows` (height·width, channels) behind the bands. Output: as of the whole encoder.
 */
export function buildEncoderEnd(
  config: AutoencoderKLConfig,
  weights: WeightSource,
  { height, width }: { readonly height: number; readonly width: number },
  options: BuildOptions,
): NetworkGraph {
  const net = new NetworkBuilder("vae_encoder", weights, options);
  const { graph } = net.ops;
  const level = bandedLevels(config);
  const channels = config.blockOutChannels[level - 1] as number;
  const x: FeatureMap = { rows: graph.input("rows", "float32", [height * width, channels]), batch: 1, height, width, channels };
  graph.output(encoderEnd(net, x, level, config));
  return net.build(() => false);
}
