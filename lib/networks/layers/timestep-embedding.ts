import type { Value } from "../../onnx/graph.js";
import type { NetworkBuilder } from "../network-builder.js";

/**
 * Sinusoidal embedding of the timestep and its two-layer perceptron.
 * @param timestep (1)
 * @returns SiLU of the embedding, (1, 4·channels): every residual block starts with it
 */
export function timestepEmbedding(
  net: NetworkBuilder,
  timestep: Value,
  channels: number,
  options: { flipSinToCos: boolean; freqShift: number },
): Value {
  const { ops } = net;
  const half = channels / 2;
  const frequencies = ops.graph.constant("timestep.frequencies", "float32", [1, half], () =>
    Float32Array.from({ length: half }, (_, index) => Math.exp((-Math.log(10000) * index) / (half - options.freqShift))),
  );
  const angles = ops.multiply(ops.reshape(timestep, [1, 1]), frequencies);
  const waves = [ops.sin(angles), ops.cos(angles)];
  const embedding = ops.concat(options.flipSinToCos ? waves.reverse() : waves, 1); // (1, C)
  const hidden = ops.silu(net.linear(embedding, "time_embedding.linear_1", 4 * channels));
  return ops.silu(net.linear(hidden, "time_embedding.linear_2", 4 * channels));
}
