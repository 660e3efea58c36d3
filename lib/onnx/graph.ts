import { ProtoMessage } from "./protobuf.js";

/** Element types of ONNX tensors that our graphs use, with their TensorProto numbers. */
const ELEMENT_TYPES = { float32: 1, uint8: 2, int8: 3, int32: 6, int64: 7, bool: 9, float16: 10, bfloat16: 16 } as const;
export type ElementType = keyof typeof ELEMENT_TYPES;

const ELEMENT_BYTES: Readonly<Record<ElementType, number>> = {
  float32: 4,
  uint8: 1,
  int8: 1,
  int32: 4,
  int64: 8,
  bool: 1,
  float16: 2,
  bfloat16: 2,
};

/** A tensor in the graph: its name and its (always static) shape. */
export interface Value {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly number[];
}

/** An operator attribute; floats are wrapped so that 1 and 1.0 stay apart. */
export type Attribute = number | string | readonly number[] | { readonly float: number };

/** Where an initialiser's bytes lie: inside somebody's file, untouched. */
export interface ExternalBytes {
  /** Path relative to the folder that the session is given. */
  readonly location: string;
  readonly offset: number;
}

export interface NodeOptions {
  readonly attributes?: Readonly<Record<string, Attribute>>;
  readonly domain?: string;
  readonly type?: ElementType;
}

/** Version of the default operator set; the newest one is not needed and older runtimes still read this. */
const OPSET = 18;
const IR_VERSION = 9;
/** Contributed operators of onnxruntime (MultiHeadAttention, QuickGelu …). */
export const MICROSOFT = "com.microsoft";

/**
 * Collects nodes, initialisers, inputs and outputs and writes them as an ONNX ModelProto
 * (field numbers: onnx/onnx.proto of the ONNX project, IR version 9).
 */
export class GraphBuilder {
  readonly #graph = new ProtoMessage();
  readonly #domains = new Set<string>();
  readonly #initializers = new Map<string, Value>();
  #count = 0;

  /** @param name shows up in the runtime's messages and profiles */
  constructor(readonly name: string) {}

  input(name: string, type: ElementType, shape: readonly number[]): Value {
    this.#graph.message(11, valueInfo(name, type, shape));
    return { name, type, shape };
  }

  /**
   * Makes a value an output of the graph, under its own name.
   * @returns that name
   */
  output(value: Value): string {
    const { name } = this.#initializers.has(value.name) ? this.node("Identity", [value], value.shape) : value;
    this.#graph.message(12, valueInfo(name, value.type, value.shape));
    return name;
  }

  /** A tensor stored in the graph itself; two with the same name are one. */
  constant(name: string, type: ElementType, shape: readonly number[], makeData: () => ArrayBufferView): Value {
    return this.#initializer(name, type, shape, (tensor) => {
      const data = makeData();
      tensor.bytes(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    });
  }

  scalar(value: number): Value {
    return this.constant(`scalar:${value}`, "float32", [], () => Float32Array.of(value));
  }

  integers(values: readonly number[]): Value {
    return this.constant(`int64:${values.join(",")}`, "int64", [values.length], () => BigInt64Array.from(values, BigInt));
  }

  /** A tensor whose bytes stay where they are: `location` is read by the runtime when the session is made. */
  external(name: string, type: ElementType, shape: readonly number[], bytes: ExternalBytes): Value {
    return this.#initializer(name, type, shape, (tensor) => {
      const entry = (key: string, value: string | number) => tensor.message(13, new ProtoMessage().string(1, key).string(2, String(value)));
      entry("location", bytes.location);
      entry("offset", bytes.offset);
      entry("length", elementCount(shape) * ELEMENT_BYTES[type]);
      tensor.integer(14, 1);
    });
  }

  /**
   * Adds a node with one output.
   * @param shape of the output; not checked here, the runtime checks it when the session is made
   */
  node(operator: string, inputs: readonly (Value | undefined)[], shape: readonly number[], options: NodeOptions = {}): Value {
    const name = `${operator}_${this.#count++}`;
    const node = new ProtoMessage();
    for (const input of inputs) node.string(1, input?.name ?? "");
    node.string(2, name).string(3, `${name}#node`).string(4, operator);
    for (const [key, value] of Object.entries(options.attributes ?? {})) node.message(5, attribute(key, value));
    if (options.domain) {
      node.string(7, options.domain);
      this.#domains.add(options.domain);
    }
    this.#graph.message(1, node);
    return { name, type: options.type ?? inputs[0]?.type ?? "float32", shape };
  }

  /** @returns the serialised ModelProto */
  build(): Uint8Array {
    this.#graph.string(2, this.name);
    const model = new ProtoMessage().integer(1, IR_VERSION).string(2, "dream").message(7, this.#graph);
    model.message(8, new ProtoMessage().string(1, "").integer(2, OPSET));
    for (const domain of this.#domains) model.message(8, new ProtoMessage().string(1, domain).integer(2, 1));
    return model.finish();
  }

  #initializer(name: string, type: ElementType, shape: readonly number[], fill: (tensor: ProtoMessage) => void): Value {
    const known = this.#initializers.get(name);
    if (known) return known;
    const tensor = new ProtoMessage();
    for (const extent of shape) tensor.integer(1, extent);
    tensor.integer(2, ELEMENT_TYPES[type]).string(8, name);
    fill(tensor);
    this.#graph.message(5, tensor);
    const value: Value = { name, type, shape };
    this.#initializers.set(name, value);
    return value;
  }
}

export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

function valueInfo(name: string, type: ElementType, shape: readonly number[]): ProtoMessage {
  const dimensions = new ProtoMessage();
  for (const extent of shape) dimensions.message(1, new ProtoMessage().integer(1, extent));
  const tensorType = new ProtoMessage().integer(1, ELEMENT_TYPES[type]).message(2, dimensions);
  return new ProtoMessage().string(1, name).message(2, new ProtoMessage().message(1, tensorType));
}

/** AttributeProto: the type numbers are FLOAT 1, INT 2, STRING 3, INTS 7. */
function attribute(name: string, value: Attribute): ProtoMessage {
  const proto = new ProtoMessage().string(1, name);
  if (typeof value === "number") return proto.integer(3, value).integer(20, 2);
  if (typeof value === "string") return proto.string(4, value).integer(20, 3);
  if ("float" in value) return proto.float(2, value.float).integer(20, 1);
  for (const item of value) proto.integer(8, item);
  return proto.integer(20, 7);
}
