import type { Value } from "../../onnx/graph.js";
import { convolution3x3 } from "../convolution/convolution.js";
import { type FeatureMap, pixels } from "../feature-map.js";
import type { NetworkBuilder } from "../network-builder.js";
import { groupNorm } from "./normalization.js";

export interface ResidualOptions {
  readonly outChannels: number;
  readonly groups: number;
  readonly epsilon: number;
  /** SiLU of the time embedding, (1, E); absent in the VAE. */
  readonly timeEmbedding?: Value;
}

/** ResnetBlock2D: norm, SiLU, conv, (+ time), norm, SiLU, conv, plus the input (through a 1×1 convolution when the channels change). */
export function residualBlock(net: NetworkBuilder, x: FeatureMap, key: string, options: ResidualOptions): FeatureMap {
  const { ops, weights } = net;
  const { outChannels, groups, epsilon, timeEmbedding } = options;
  const normalized = (map: FeatureMap, norm: string): FeatureMap => {
    const result = groupNorm(net, map, `${key}.${norm}`, groups, epsilon);
    return { ...result, rows: ops.silu(result.rows) };
  };

  let h = convolution3x3(net, normalized(x, "norm1"), `${key}.conv1`, { outChannels, omitBias: true });
  let shift = weights.tensor(`${key}.conv1.bias`, [outChannels]);
  if (timeEmbedding) shift = ops.add(net.linear(timeEmbedding, `${key}.time_emb_proj`, outChannels), shift); // (1, C)
  h = { ...h, rows: ops.add(h.rows, shift) };
  h = convolution3x3(net, normalized(h, "norm2"), `${key}.conv2`, { outChannels });

  const shortcut = x.channels === outChannels ? x.rows : net.linear(x.rows, `${key}.conv_shortcut`, outChannels);
  return { ...h, rows: ops.reshape(ops.add(shortcut, h.rows), [x.batch * pixels(x), outChannels]) };
}
