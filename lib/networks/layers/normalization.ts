import type { Value } from "../../onnx/graph.js";
import { type FeatureMap, pixels } from "../feature-map.js";
import type { NetworkBuilder } from "../network-builder.js";

/**
 * Group normalisation over rows (https://arxiv.org/abs/1803.08494), as two means: the CPU provider has no kernel of its own for it, and
 * this form is faster than its decomposition.
 * @param key reads `key.weight` and `key.bias` (C)
 */
export function groupNorm(net: NetworkBuilder, x: FeatureMap, key: string, groups: number, epsilon: number): FeatureMap {
  const { ops, weights } = net;
  const { batch, channels } = x;
  const perGroup = channels / groups;
  const x3 = ops.reshape(x.rows, [batch, pixels(x), channels]);
  const meanOf = (value: Value) => ops.mean(ops.reshape(ops.mean(value, 1), [batch, groups, perGroup]), 2); // (B, G, 1)
  const mean = meanOf(x3);
  const variance = ops.subtract(meanOf(ops.multiply(x3, x3)), ops.multiply(mean, mean));
  const inverse = ops.reciprocalSquareRoot(ops.add(variance, ops.graph.scalar(epsilon)));
  const gain = ops.reshape(weights.tensor(`${key}.weight`, [channels]), [groups, perGroup]);
  const bias = ops.reshape(weights.tensor(`${key}.bias`, [channels]), [groups, perGroup]);
  const scale = ops.multiply(inverse, gain); // (B, G, C/G)
  const shift = ops.subtract(bias, ops.multiply(mean, scale));
  const perChannel = (value: Value) => ops.reshape(value, [batch, 1, channels]);
  const normalized = ops.add(ops.multiply(x3, perChannel(scale)), perChannel(shift));
  return { ...x, rows: ops.reshape(normalized, [batch * pixels(x), channels]) };
}
