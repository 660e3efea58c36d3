import type { WeightSource } from "../checkpoints/tensor.js";
import type { Value } from "../onnx/graph.js";
import type { UNetConfig } from "./config.js";
import { convolution3x3 } from "./convolution/convolution.js";
import type { FeatureMap } from "./feature-map.js";
import { fromRows, toRows } from "./layers/latent-rows.js";
import { groupNorm } from "./layers/normalization.js";
import { residualBlock } from "./layers/residual-block.js";
import { type SwapValues, swapInputs } from "./layers/swapped-attention.js";
import { timestepEmbedding } from "./layers/timestep-embedding.js";
import { spatialTransformer } from "./layers/transformer-block.js";
import { type BuildOptions, NetworkBuilder, type NetworkGraph } from "./network-builder.js";

export interface UNetShape {
  readonly batch: number;
  /** Latent extents, of any size: where one is odd on its way down, it is the same on its way up. */
  readonly height: number;
  readonly width: number;
  /** Text tokens, 77 for each window. */
  readonly tokens: number;
  /** The last picture of the batch attends as the one before it does where the further inputs say so (`layers/swapped-attention.ts`). */
  readonly swaps?: true;
}

/**
 * UNet2DConditionModel of diffusers, the noise predictor of Stable Diffusion 1.x and 2.x (https://arxiv.org/abs/2112.10752).
 * Inputs: `sample` (B, inChannels, H, W), `timestep` (1), `context` (B, tokens, D). Output: (B, outChannels, H, W).
 * @returns the graph for exactly this shape
 * @throws DreamError weights/*
 */
export function buildUNet(config: UNetConfig, weights: WeightSource, shape: UNetShape, options: BuildOptions): NetworkGraph {
  const net = new NetworkBuilder("unet", weights, options);
  const { ops } = net;
  const { batch, height, width, tokens, swaps } = shape;
  const sample = ops.graph.input("sample", "float32", [batch, config.inChannels, height, width]);
  const timestep = ops.graph.input("timestep", "float32", [1]);
  const contextInput = ops.graph.input("context", "float32", [batch, tokens, config.crossAttentionDim]);
  const context = ops.reshape(contextInput, [batch * tokens, config.crossAttentionDim]);

  const channels = config.blockOutChannels;
  const levels = channels.length;
  const timeEmbedding = timestepEmbedding(net, timestep, channels[0] as number, config);
  const swap = swaps && swapInputs(net, batch, tokens);
  const block = new UNetBlocks(net, config, context, timeEmbedding, swap);

  let x = convolution3x3(net, toRows(net, sample), "conv_in", { outChannels: channels[0] as number });
  const skips: FeatureMap[] = [x];
  for (let level = 0; level < levels; level++) {
    const key = `down_blocks.${level}`;
    const outChannels = channels[level] as number;
    for (let layer = 0; layer < config.layersPerBlock; layer++) {
      x = block.residual(x, `${key}.resnets.${layer}`, outChannels);
      if (config.downBlocks[level] === "CrossAttnDownBlock2D") x = block.transformer(x, `${key}.attentions.${layer}`, level);
      skips.push(x);
    }
    if (level < levels - 1) {
      x = convolution3x3(net, x, `${key}.downsamplers.0.conv`, { outChannels, stride: 2 });
      skips.push(x);
    }
  }

  if (config.hasMidBlock) {
    x = block.residual(x, "mid_block.resnets.0", x.channels);
    x = block.transformer(x, "mid_block.attentions.0", levels - 1);
    x = block.residual(x, "mid_block.resnets.1", x.channels);
  }

  for (let index = 0; index < levels; index++) {
    const level = levels - 1 - index;
    const key = `up_blocks.${index}`;
    const outChannels = channels[level] as number;
    for (let layer = 0; layer <= config.layersPerBlock; layer++) {
      x = block.residual(joined(net, x, skips.pop() as FeatureMap), `${key}.resnets.${layer}`, outChannels);
      if (config.upBlocks[index] === "CrossAttnUpBlock2D") x = block.transformer(x, `${key}.attentions.${layer}`, level);
    }
    if (index < levels - 1) x = convolution3x3(net, x, `${key}.upsamplers.0.conv`, { outChannels, upsample: 2, enlarged: skips.at(-1) });
  }

  x = groupNorm(net, x, "conv_norm_out", config.normGroups, config.normEps);
  x = convolution3x3(net, { ...x, rows: ops.silu(x.rows) }, "conv_out", { outChannels: config.outChannels });
  ops.graph.output(fromRows(net, x));
  return net.build();
}

/** The two building blocks with everything that stays the same throughout the network. */
class UNetBlocks {
  constructor(
    private readonly net: NetworkBuilder,
    private readonly config: UNetConfig,
    private readonly context: Value,
    private readonly timeEmbedding: Value,
    private readonly swap: SwapValues | undefined,
  ) {}

  residual(x: FeatureMap, key: string, outChannels: number): FeatureMap {
    const { normGroups: groups, normEps: epsilon } = this.config;
    return residualBlock(this.net, x, key, { outChannels, groups, epsilon, timeEmbedding: this.timeEmbedding });
  }

  transformer(x: FeatureMap, key: string, level: number): FeatureMap {
    const { normGroups: groups, transformerLayers: layers, heads } = this.config;
    const { context, swap } = this;
    return spatialTransformer(this.net, x, key, { heads: heads[level] as number, layers, groups, context, swap });
  }
}

/** Concatenation of channels with the skip connection. */
function joined(net: NetworkBuilder, x: FeatureMap, skip: FeatureMap): FeatureMap {
  return { ...x, channels: x.channels + skip.channels, rows: net.ops.concat([x.rows, skip.rows], 1) };
}
