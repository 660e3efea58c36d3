import { relative } from "node:path";
import type { TensorRef, WeightSource } from "../checkpoints/tensor.js";
import { describeKey } from "../checkpoints/weight-source.js";
import { DreamError } from "../errors.js";
import { type ElementType, elementCount, type Value } from "../onnx/graph.js";
import type { Operators } from "../onnx/operators.js";
import { type KernelForm, kernelShape } from "./convolution/kernel-forms.js";
import { areProducts, deltasOf, layerOf, type ProductDelta, sumOfProducts, type WeightDeltas } from "./weight-delta.js";

/** A tensor that a graph needs: as stored (widened to fp32), or a kernel in a form. */
export interface WeightRequest {
  /** The key, with `#form` behind it for a kernel. */
  readonly name: string;
  readonly key: string;
  readonly shape: readonly number[];
  readonly form?: KernelForm;
}

/** scale · up · down in a graph: up (O, R), down (R, I). */
export interface GraphFactors {
  readonly up: Value;
  readonly down: Value;
  readonly scale: number;
}

const STORED_TYPES: Readonly<Partial<Record<string, ElementType>>> = { F32: "float32", F16: "float16", BF16: "bfloat16" };

/**
 * Brings a checkpoint's tensors into a graph by key. The bytes stay in the user's file; half-precision ones get a Cast that the runtime
 * folds while it loads. Counts what was used, so that nothing in a file is silently ignored.
 */
export class WeightReader {
  readonly #values = new Map<string, Value>();
  readonly #used = new Set<string>();
  readonly #computedInputs: WeightRequest[] = [];
  readonly #requests = new Map<string, WeightRequest>();

  constructor(
    private readonly ops: Operators,
    private readonly source: WeightSource,
    private readonly deltas: WeightDeltas = new Map(),
  ) {}

  has(key: string): boolean {
    return this.source.get(key) !== undefined;
  }

  /**
   * The tensor as float32 with the given shape. Trailing extents of 1 may differ ((O, I, 1, 1) is taken for (O, I)).
   * @throws DreamError weights/missing-key, weights/shape, weights/dtype
   */
  tensor(key: string, shape: readonly number[]): Value {
    const known = this.#values.get(key);
    if (known) return known;
    const request = { name: key, key, shape };
    this.#requests.set(key, request);
    const ref = this.#find(key, shape);
    const value = this.#changed(request, ref) ?? this.ops.toFloat(this.#external(ref, key, shape, 0));
    this.#values.set(key, value);
    return value;
  }

  /**
   * A 3×3 kernel in the form that a convolution wants. Where the source holds that form (a prepared copy does) it is read in place;
   * otherwise it becomes an input of the graph, to be computed once and shared by all graphs of the network.
   */
  kernel(key: string, form: KernelForm, outChannels: number, inChannels: number): Value {
    const name = `${key}#${form}`;
    const known = this.#values.get(name);
    if (known) return known;
    const original = [outChannels, inChannels, 3, 3];
    const request: WeightRequest = { name, key, shape: original, form };
    this.#requests.set(name, request);
    const shape = kernelShape(form, outChannels, inChannels);
    const type = form === "im2col-half" ? "float16" : "float32";
    const prepared = this.deltas.has(layerOf(key)) ? undefined : this.source.get(name);
    let value: Value;
    if (prepared) {
      value = this.#external(prepared, name, shape, 0);
    } else {
      this.#find(key, original);
      value = this.ops.graph.input(name, type, shape);
      this.#computedInputs.push(request);
    }
    this.#used.add(key);
    this.#used.add(name);
    this.#values.set(name, value);
    return value;
  }

  /**
   * A matrix as it is stored, and the products that are to be added to it. None where it has no deltas, or others than products: those are in
   * the matrix then.
   */
  matrixAndFactors(key: string, shape: readonly number[]): { matrix: Value; factors?: GraphFactors } {
    const deltas = deltasOf(key, this.deltas);
    if (deltas.length === 0 || !areProducts(deltas)) return { matrix: this.tensor(key, shape) };
    this.#requests.set(key, { name: key, key, shape });
    const matrix = this.ops.toFloat(this.#external(this.#find(key, shape), key, shape, 0));
    return { matrix, factors: this.#factors(key, sumOfProducts(deltas, shape[0] as number), shape) };
  }

  /** Everything that was asked for, each once. */
  get requests(): readonly WeightRequest[] {
    return [...this.#requests.values()];
  }

  /** The weights that must be computed and fed when the graph runs. */
  get computedInputs(): readonly WeightRequest[] {
    return this.#computedInputs;
  }

  /** Rows `from … to−1` of a matrix or vector, still in place. Of a layer that must be computed whole, the graph takes them in every run. */
  rows(key: string, shape: readonly number[], from: number, to: number): Value {
    this.#requests.set(key, { name: key, key, shape });
    const ref = this.#find(key, shape);
    const part = [to - from, ...shape.slice(1)];
    const deltas = deltasOf(key, this.deltas);
    if (!areProducts(deltas)) {
      const { graph } = this.ops;
      return graph.node("Slice", [this.tensor(key, shape), graph.integers([from]), graph.integers([to]), graph.integers([0])], part);
    }
    const rowElements = elementCount(shape.slice(1));
    const name = `${key}[${from}:${to}]`;
    const stored = this.ops.toFloat(this.#external(ref, name, part, from * rowElements));
    return deltas.length === 0 ? stored : this.#plusProducts(stored, name, deltas, shape[0] as number, from, to);
  }

  /**
   * Fails when the source holds a key for which `belongs` is true and that no layer asked for.
   * @throws DreamError weights/surplus-key
   */
  assertAllUsed(belongs: (key: string) => boolean): void {
    const surplus = [...this.source.keys()].filter((key) => !this.#used.has(key) && belongs(key));
    const [first] = surplus;
    if (first === undefined) return;
    const shape = this.source.get(first)?.shape.join(", ");
    const more = surplus.length > 1 ? ` and ${surplus.length - 1} more` : "";
    throw new DreamError(
      "weights/surplus-key",
      `${this.source.origin} holds ${this.source.get(first)?.key ?? first} [${shape}]${more}, which this network does not have`,
    );
  }

  #find(key: string, shape: readonly number[]): TensorRef {
    const ref = findWeight(this.source, key, shape);
    this.#used.add(key);
    return ref;
  }

  #external(ref: TensorRef, name: string, shape: readonly number[], skipElements: number): Value {
    const type = STORED_TYPES[ref.dtype] as ElementType;
    const bytes = type === "float32" ? 4 : 2;
    const start = ref.offset + skipElements * bytes;
    const memory = ref.bytes;
    if (memory !== undefined) {
      return this.ops.graph.constant(name, type, shape, () => memory.subarray(start, start + elementCount(shape) * bytes));
    }
    const location = relative(this.source.folder, ref.file);
    return this.ops.graph.external(name, type, shape, { location, offset: start });
  }

  /**
   * A weight with its deltas, undefined where it has none. Products are added by the runtime while it loads; for other deltas that would
   * take several times the weight's memory, so the weight becomes an input of the graph.
   */
  #changed(request: WeightRequest, ref: TensorRef): Value | undefined {
    const { key, shape } = request;
    const deltas = deltasOf(key, this.deltas);
    if (deltas.length === 0) return undefined;
    if (!areProducts(deltas)) {
      this.#computedInputs.push(request);
      return this.ops.graph.input(key, "float32", shape);
    }
    return this.#plusProducts(this.ops.toFloat(this.#external(ref, key, shape, 0)), key, deltas, shape[0] as number);
  }

  /** One product for all deltas together, so that the runtime makes one copy of the weight. */
  #plusProducts(weight: Value, name: string, deltas: readonly ProductDelta[], outputs: number, from = 0, to = outputs): Value {
    const { up, down, scale } = this.#factors(name, sumOfProducts(deltas, outputs, from, to), weight.shape);
    return this.ops.graph.node("Gemm", [up, down, weight], weight.shape, { attributes: { alpha: { float: scale } } });
  }

  #factors(name: string, { rank, up, down, scale }: ProductDelta, [rows = 0, columns = 0]: readonly number[]): GraphFactors {
    const { graph } = this.ops;
    return {
      up: graph.constant(`${name}#up`, "float32", [rows, rank], () => up),
      down: graph.constant(`${name}#down`, "float32", [rank, columns], () => down),
      scale,
    };
  }
}

/**
 * Where a tensor lies. Trailing extents of 1 may differ ((O, I, 1, 1) is taken for (O, I)).
 * @throws DreamError weights/missing-key, weights/shape, weights/dtype
 */
export function findWeight(source: WeightSource, key: string, shape: readonly number[]): TensorRef {
  const ref = source.get(key);
  const expected = `[${shape.join(", ")}]`;
  if (!ref) {
    throw new DreamError("weights/missing-key", `${source.origin} has no tensor ${describeKey(source, key)} (expected ${expected})`);
  }
  const stored = withoutTrailingOnes(ref.shape);
  const wanted = withoutTrailingOnes(shape);
  if (stored.length !== wanted.length || stored.some((extent, axis) => extent !== wanted[axis])) {
    const found = `[${ref.shape.join(", ")}]`;
    throw new DreamError("weights/shape", `${source.origin}: ${describeKey(source, key)} has the shape ${found}, expected ${expected}`);
  }
  if (!STORED_TYPES[ref.dtype]) {
    throw new DreamError("weights/dtype", `${source.origin}: ${ref.key} is stored as ${ref.dtype}, which is not supported`);
  }
  return ref;
}

function withoutTrailingOnes(shape: readonly number[]): readonly number[] {
  let rank = shape.length;
  while (rank > 1 && shape[rank - 1] === 1) rank--;
  return shape.slice(0, rank);
}
