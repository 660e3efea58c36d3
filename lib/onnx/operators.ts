import { elementCount, type GraphBuilder, MICROSOFT, type Value } from "./graph.js";

/**
 * The operators that our networks are made of, with their output shapes. Only operators with a kernel of their own in onnxruntime's CPU
 * provider are here; SiLU is QuickGelu with alpha 1.
 */
export class Operators {
  constructor(readonly graph: GraphBuilder) {}

  reshape(x: Value, shape: readonly number[]): Value {
    if (x.shape.length === shape.length && x.shape.every((extent, axis) => extent === shape[axis])) return x;
    if (elementCount(x.shape) !== elementCount(shape)) throw new Error(`cannot reshape ${x.name} [${x.shape}] to [${shape}]`);
    return this.graph.node("Reshape", [x, this.graph.integers(shape)], shape);
  }

  transpose(x: Value, permutation: readonly number[]): Value {
    const shape = permutation.map((axis) => x.shape[axis] as number);
    return this.graph.node("Transpose", [x], shape, { attributes: { perm: permutation } });
  }

  /** Conversion to float32. */
  toFloat(x: Value): Value {
    return x.type === "float32" ? x : this.graph.node("Cast", [x], x.shape, { attributes: { to: 1 }, type: "float32" });
  }

  add(a: Value, b: Value): Value {
    return this.graph.node("Add", [a, b], broadcast(a, b));
  }

  subtract(a: Value, b: Value): Value {
    return this.graph.node("Sub", [a, b], broadcast(a, b));
  }

  multiply(a: Value, b: Value): Value {
    return this.graph.node("Mul", [a, b], broadcast(a, b));
  }

  reciprocalSquareRoot(x: Value): Value {
    return this.graph.node("Reciprocal", [this.graph.node("Sqrt", [x], x.shape)], x.shape);
  }

  /** Mean over one axis, which stays with extent 1. */
  mean(x: Value, axis: number): Value {
    const shape = x.shape.map((extent, index) => (index === axis ? 1 : extent));
    return this.graph.node("ReduceMean", [x, this.graph.integers([axis])], shape, { attributes: { keepdims: 1 } });
  }

  /** Sum over one axis, which vanishes. */
  sum(x: Value, axis: number): Value {
    const shape = x.shape.filter((_, index) => index !== axis);
    return this.graph.node("ReduceSum", [x, this.graph.integers([axis])], shape, { attributes: { keepdims: 0 } });
  }

  concat(parts: readonly Value[], axis: number): Value {
    const first = parts[0] as Value;
    if (parts.length === 1) return first;
    const extent = parts.reduce((sum, part) => sum + (part.shape[axis] as number), 0);
    const shape = first.shape.map((old, index) => (index === axis ? extent : old));
    return this.graph.node("Concat", parts, shape, { attributes: { axis } });
  }

  /** Rows of `x` (first axis) in the order of `indices`. */
  gatherRows(x: Value, indices: Value): Value {
    return this.graph.node("Gather", [x, indices], [...indices.shape, ...x.shape.slice(1)], { attributes: { axis: 0 } });
  }

  /** Matrix product, batched over equal leading axes. */
  matmul(a: Value, b: Value): Value {
    return this.graph.node("MatMul", [a, b], [...a.shape.slice(0, -1), b.shape.at(-1) as number]);
  }

  /** `a · bᵀ`, batched over equal leading axes. */
  matmulTransposed(a: Value, b: Value): Value {
    return this.graph.node("FusedMatMul", [a, b], [...a.shape.slice(0, -1), b.shape.at(-2) as number], {
      attributes: { transB: 1, alpha: { float: 1 } },
      domain: MICROSOFT,
    });
  }

  /** `scale · x · weightᵀ + bias` for rows x (N, I), weight (O, I) as checkpoints store it, bias (O) or (N, O). */
  gemm(x: Value, weight: Value, bias?: Value, scale = 1): Value {
    const shape = [x.shape[0] as number, weight.shape[0] as number];
    const attributes = { transB: 1, ...(scale !== 1 && { alpha: { float: scale } }) };
    return this.graph.node("Gemm", bias ? [x, weight, bias] : [x, weight], shape, { attributes });
  }

  layerNorm(x: Value, gain: Value, bias: Value, epsilon: number): Value {
    return this.graph.node("LayerNormalization", [x, gain, bias], x.shape, { attributes: { axis: -1, epsilon: { float: epsilon } } });
  }

  /** x where it is positive, else 0. */
  relu(x: Value): Value {
    return this.graph.node("Relu", [x], x.shape);
  }

  tanh(x: Value): Value {
    return this.graph.node("Tanh", [x], x.shape);
  }

  /** x where it is positive, else slope · x. */
  leakyRelu(x: Value, slope: number): Value {
    return this.graph.node("LeakyRelu", [x], x.shape, { attributes: { alpha: { float: slope } } });
  }

  /** The same with a learned slope for each entry of the last axis. */
  parametricRelu(x: Value, slopes: Value): Value {
    return this.graph.node("PRelu", [x, slopes], x.shape);
  }

  silu(x: Value): Value {
    return this.quickGelu(x, 1);
  }

  /** x · sigmoid(alpha · x) */
  quickGelu(x: Value, alpha: number): Value {
    return this.graph.node("QuickGelu", [x], x.shape, { attributes: { alpha: { float: alpha } }, domain: MICROSOFT });
  }

  /** The exact (erf) GELU. */
  gelu(x: Value): Value {
    return this.graph.node("Gelu", [x], x.shape, { domain: MICROSOFT });
  }

  /**
   * Softmax(q·kᵀ/√d + bias)·v over `heads` heads.
   * @param query (B, S, C)
   * @param key (B, L, C)
   * @param value (B, L, C)
   * @param bias added to the scores, (B or 1, 1, S, L)
   */
  attention(query: Value, key: Value, value: Value, heads: number, bias?: Value): Value {
    const inputs = bias ? [query, key, value, undefined, undefined, bias] : [query, key, value];
    return this.graph.node("MultiHeadAttention", inputs, query.shape, { attributes: { num_heads: heads }, domain: MICROSOFT });
  }

  sin(x: Value): Value {
    return this.graph.node("Sin", [x], x.shape);
  }

  cos(x: Value): Value {
    return this.graph.node("Cos", [x], x.shape);
  }
}

/** Shape of an element-wise result. */
function broadcast(a: Value, b: Value): number[] {
  const rank = Math.max(a.shape.length, b.shape.length);
  return Array.from({ length: rank }, (_, axis) => {
    const extentOf = (value: Value) => value.shape[axis - rank + value.shape.length] ?? 1;
    return Math.max(extentOf(a), extentOf(b));
  });
}
