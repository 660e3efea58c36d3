import type { Value } from "../../onnx/graph.js";
import { type FeatureMap, pixels } from "../feature-map.js";
import type { NetworkBuilder } from "../network-builder.js";

/** Statistics of each group of channels, (B, G, 1) each. */
export interface GroupMoments {
  readonly mean: Value;
  readonly variance: Value;
}

/**
 * Group normalisation over rows (https://arxiv.org/abs/1803.08494), as two means: the CPU provider has no kernel of its own for it, and
 * this form is faster than its decomposition.
 * @param key reads `key.weight` and `key.bias` (C)
 */
export function groupNorm(net: NetworkBuilder, x: FeatureMap, key: string, groups: number, epsilon: number): FeatureMap {
  return normalizeGroups(net, x, key, epsilon, groupMoments(net, x, groups));
}

function groupMoments(net: NetworkBuilder, x: FeatureMap, groups: number): GroupMoments {
  const { ops } = net;
  const x3 = ops.reshape(x.rows, [x.batch, pixels(x), x.channels]);
  const meanOf = (value: Value) => ops.mean(ops.reshape(ops.mean(value, 1), [x.batch, groups, x.channels / groups]), 2);
  const mean = meanOf(x3);
  return { mean, variance: ops.subtract(meanOf(ops.multiply(x3, x3)), ops.multiply(mean, mean)) };
}

/** Group normalisation with statistics that come from elsewhere, for example from the whole picture when `x` is a part of it. */
export function normalizeGroups(net: NetworkBuilder, x: FeatureMap, key: string, epsilon: number, moments: GroupMoments): FeatureMap {
  const { ops, weights } = net;
  const { batch, channels } = x;
  const groups = moments.mean.shape[1] as number;
  const perGroup = channels / groups;
  const x3 = ops.reshape(x.rows, [batch, pixels(x), channels]);
  const inverse = ops.reciprocalSquareRoot(ops.add(moments.variance, ops.graph.scalar(epsilon)));
  const gain = ops.reshape(weights.tensor(`${key}.weight`, [channels]), [groups, perGroup]);
  const bias = ops.reshape(weights.tensor(`${key}.bias`, [channels]), [groups, perGroup]);
  const scale = ops.multiply(inverse, gain); // (B, G, C/G)
  const shift = ops.subtract(bias, ops.multiply(moments.mean, scale));
  const perChannel = (value: Value) => ops.reshape(value, [batch, 1, channels]);
  const normalized = ops.add(ops.multiply(x3, perChannel(scale)), perChannel(shift));
  return { ...x, rows: ops.reshape(normalized, [batch * pixels(x), channels]) };
}
