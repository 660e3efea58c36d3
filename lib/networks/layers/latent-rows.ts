import type { Value } from "../../onnx/graph.js";
import { type FeatureMap, pixels } from "../feature-map.js";
import type { NetworkBuilder } from "../network-builder.js";

/** (B, C, H, W), as the outside world stores pictures, to rows. */
export function toRows(net: NetworkBuilder, x: Value): FeatureMap {
  const [batch, channels, height, width] = x.shape as [number, number, number, number];
  const rows = net.ops.reshape(net.ops.transpose(x, [0, 2, 3, 1]), [batch * height * width, channels]);
  return { rows, batch, height, width, channels };
}

/** Rows back to (B, C, H, W). */
export function fromRows(net: NetworkBuilder, x: FeatureMap): Value {
  const transposed = net.ops.transpose(net.ops.reshape(x.rows, [x.batch, pixels(x), x.channels]), [0, 2, 1]);
  return net.ops.reshape(transposed, [x.batch, x.channels, x.height, x.width]);
}
