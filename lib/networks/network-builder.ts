import type { WeightSource } from "../checkpoints/tensor.js";
import { GraphBuilder, type Value } from "../onnx/graph.js";
import { Operators } from "../onnx/operators.js";
import type { ConvolutionPolicy } from "./convolution/policy.js";
import type { WeightDeltas } from "./weight-delta.js";
import { WeightReader, type WeightRequest } from "./weight-reader.js";

export interface BuildOptions {
  readonly convolutions: ConvolutionPolicy;
  /** Circular padding on these axes for every convolution: "", "x", "y" or "xy". */
  readonly seamless: "" | "x" | "y" | "xy";
  /** Convolutions work through the picture in bands whose gathered tiles take about this many bytes, so that they stay in the cache. */
  readonly bandBytes: number;
  readonly deltas?: WeightDeltas;
  /**
   * Products are added to what linear layers give instead of to their weights: sooner ready, for nothing is copied, but every run takes a
   * little longer. For networks that run once a prompt.
   */
  readonly lateProducts?: boolean;
}

/** A network's graph for one shape. */
export interface NetworkGraph {
  /** The serialised ModelProto. */
  readonly model: Uint8Array;
  /** Kernels that nobody stored in the form needed, and weights that must be changed first: inputs of the graph, by the request's name. */
  readonly computedInputs: readonly WeightRequest[];
  /** Everything that was asked of the weights, each once. */
  readonly requests: readonly WeightRequest[];
}

/** What every layer needs: the operators, the weights, and the choices that hold for the whole network. */
export class NetworkBuilder {
  readonly ops: Operators;
  readonly weights: WeightReader;
  readonly convolutions: ConvolutionPolicy;
  readonly wrapX: boolean;
  readonly wrapY: boolean;
  readonly #bandBytes: number;
  readonly #lateProducts: boolean;
  readonly #padded = new Map<string, Value>();

  constructor(name: string, source: WeightSource, options: BuildOptions) {
    this.ops = new Operators(new GraphBuilder(name));
    this.weights = new WeightReader(this.ops, source, options.deltas);
    this.convolutions = options.convolutions;
    this.wrapX = options.seamless.includes("x");
    this.wrapY = options.seamless.includes("y");
    this.#bandBytes = options.bandBytes;
    this.#lateProducts = options.lateProducts ?? false;
  }

  /** A linear layer over rows: `key.weight` (O, I), `key.bias` (O) unless `bias` is false. */
  linear(x: Value, key: string, outputs: number, bias = true): Value {
    const shape = [outputs, x.shape[1] as number];
    const addend = () => (bias ? this.weights.tensor(`${key}.bias`, [outputs]) : undefined);
    if (!this.#lateProducts) return this.ops.gemm(x, this.weights.tensor(`${key}.weight`, shape), addend());
    const { matrix, factors } = this.weights.matrixAndFactors(`${key}.weight`, shape);
    const y = this.ops.gemm(x, matrix, addend());
    return factors ? this.ops.gemm(this.ops.gemm(x, factors.down), factors.up, y, factors.scale) : y;
  }

  layerNorm(x: Value, key: string, epsilon: number): Value {
    const width = [x.shape.at(-1) as number];
    return this.ops.layerNorm(x, this.weights.tensor(`${key}.weight`, width), this.weights.tensor(`${key}.bias`, width), epsilon);
  }

  /** Index tensor of a Gather; made once per name. */
  indices(name: string, shape: readonly number[], make: () => Int32Array): Value {
    return this.ops.graph.constant(`indices:${name}`, "int32", shape, make);
  }

  /** The rows with one row of zeros behind the last: what indices outside the picture point at. */
  withZeroRow(rows: Value): Value {
    const known = this.#padded.get(rows.name);
    if (known) return known;
    const channels = rows.shape[1] as number;
    const zero = this.ops.graph.constant(`zeros:${channels}`, "float32", [1, channels], () => new Float32Array(channels));
    const padded = this.ops.concat([rows, zero], 0);
    this.#padded.set(rows.name, padded);
    return padded;
  }

  /** Cuts `rows` rows into near-equal ranges [from, to) of at most `bandBytes` bytes each (one row at least). */
  bands(rows: number, bytesPerRow: number): readonly (readonly [number, number])[] {
    const perBand = Math.max(1, Math.floor(this.#bandBytes / bytesPerRow));
    const count = Math.ceil(rows / perBand);
    return Array.from(
      { length: count },
      (_, band) => [Math.floor((band * rows) / count), Math.floor(((band + 1) * rows) / count)] as const,
    );
  }

  /**
   * The finished model.
   * @param belongs which of the source's keys this graph must have used; the others belong to a sibling (encoder and decoder of a VAE)
   * @throws DreamError weights/surplus-key
   */
  build(belongs: (key: string) => boolean = () => true): NetworkGraph {
    this.weights.assertAllUsed(belongs);
    return { model: this.ops.graph.build(), computedInputs: this.weights.computedInputs, requests: this.weights.requests };
  }
}
