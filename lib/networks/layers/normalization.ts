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

/** Parts of a picture that are averaged side by side. */
const PARTS = 64;

function groupMoments(net: NetworkBuilder, x: FeatureMap, groups: number): GroupMoments {
  const { ops } = net;
  const x3 = ops.reshape(x.rows, [x.batch, pixels(x), x.channels]);
  const meanOf = (value: Value) => ops.mean(ops.reshape(meanOverPixels(net, value), [x.batch, groups, x.channels / groups]), 2);
  const mean = meanOf(x3);
  return { mean, variance: ops.subtract(meanOf(ops.multiply(x3, x3)), ops.multiply(mean, mean)) };
}

/**
 * Mean over the second axis of (B, S, C), in two stages: the runtime works through the first axis on all threads but through a long second
 * one alone on one, which took a third of the time of a decoder; and short sums are more exact.
 */
function meanOverPixels({ ops }: NetworkBuilder, x: Value): Value {
  const [batch, length, channels] = x.shape as [number, number, number];
  if (length % PARTS !== 0) return ops.mean(x, 1);
  const parts = ops.mean(ops.reshape(x, [batch * PARTS, length / PARTS, channels]), 1);
  return ops.mean(ops.reshape(parts, [batch, PARTS, channels]), 1);
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
