import { toFloat32 } from "../checkpoints/read-tensor.js";
import { DreamError } from "../errors.js";
import { toHalf } from "./half.js";
import { countOpened, countReleased } from "./open-sessions.js";
import { InferenceSession, Tensor } from "./runtime.js";

export interface ExportedGraphOptions {
  readonly threads: number;
  /** Free scratch memory after every run. */
  readonly releaseScratch: boolean;
}

/** An input or output as the file declares it. */
export interface PortDescription {
  readonly name: string;
  /** "float32", "float16", "int64" … */
  readonly type: string;
  /** A number where the size is fixed, a name where it is free. */
  readonly shape: readonly (number | string)[];
}

/** Values for one input: numbers that are converted to whatever type the file wants, and their shape. */
export interface NumberFeed {
  readonly data: Float32Array | Int32Array;
  readonly shape: readonly number[];
}

/** An output of a run, in whatever type the file gives it converted to numbers. */
export interface OutputTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/**
 * A graph that another program exported: types and shapes of its inputs are read from the file, values are converted on the way in and
 * out. Like every session it blocks its thread while it runs.
 */
export class ExportedGraph {
  readonly inputs: readonly PortDescription[];
  readonly outputs: readonly PortDescription[];

  private constructor(
    readonly path: string,
    private readonly session: InferenceSession,
  ) {
    this.inputs = describePorts(session.inputMetadata);
    this.outputs = describePorts(session.outputMetadata);
  }

  /**
   * @param path of the `model.onnx`; its external data lies beside it
   * @throws DreamError model/not-a-model when the runtime refuses the file
   */
  static async open(path: string, { threads, releaseScratch }: ExportedGraphOptions): Promise<ExportedGraph> {
    try {
      const session = await InferenceSession.create(path, {
        executionProviders: ["cpu"],
        intraOpNumThreads: threads,
        interOpNumThreads: 1,
        executionMode: "sequential",
        enableMemPattern: false,
        enableCpuMemArena: !releaseScratch,
        logSeverityLevel: 3,
      });
      countOpened();
      return new ExportedGraph(path, session);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new DreamError("model/not-a-model", `${path} cannot be used: ${reason}`, { cause: error });
    }
  }

  /** @returns the values of one output, by default the first */
  async run(feeds: Readonly<Record<string, NumberFeed>>, output = this.outputs[0]?.name ?? ""): Promise<Float32Array> {
    const [tensor] = await this.runAll(feeds, [output]);
    return (tensor as OutputTensor).data;
  }

  /** @returns several outputs, by default all */
  async runAll(feeds: Readonly<Record<string, NumberFeed>>, outputs = this.outputs.map(({ name }) => name)): Promise<OutputTensor[]> {
    const tensors: Record<string, Tensor> = {};
    for (const { name, type } of this.inputs) {
      const feed = feeds[name];
      if (feed !== undefined) tensors[name] = toTensor(feed, type, `${this.path}: input ${name}`);
    }
    const results = await this.session.run(tensors, outputs);
    return outputs.map((name) => {
      const tensor = results[name] as Tensor;
      return { name, shape: tensor.dims, data: fromTensor(tensor, `${this.path}: output ${name}`) };
    });
  }

  async release(): Promise<void> {
    await this.session.release();
    countReleased();
  }
}

function describePorts(metadata: readonly InferenceSession.ValueMetadata[]): PortDescription[] {
  return metadata.flatMap((value) => (value.isTensor ? [{ name: value.name, type: value.type, shape: value.shape }] : []));
}

function toTensor({ data, shape }: NumberFeed, type: string, place: string): Tensor {
  switch (type) {
    case "float32":
      return new Tensor("float32", Float32Array.from(data), shape);
    case "float16":
      return new Tensor("float16", toHalf(data), shape);
    case "float64":
      return new Tensor("float64", Float64Array.from(data), shape);
    case "int32":
      return new Tensor("int32", Int32Array.from(data, Math.round), shape);
    case "int64":
      return new Tensor(
        "int64",
        BigInt64Array.from(data as ArrayLike<number> & Iterable<number>, (value) => BigInt(Math.round(value))),
        shape,
      );
    default:
      throw new DreamError("model/unsupported", `${place} is of type ${type}`);
  }
}

function fromTensor({ data, type }: Tensor, place: string): Float32Array {
  if (data instanceof Float32Array) return data;
  if (data instanceof Float64Array) return Float32Array.from(data);
  if (type === "float16") {
    const bits = data as Uint16Array;
    return toFloat32(new Uint8Array(bits.buffer, bits.byteOffset, bits.byteLength), "F16");
  }
  // Bytes of 0 and 1.
  if (type === "bool") return Float32Array.from(data as Uint8Array);
  throw new DreamError("model/unsupported", `${place} is of type ${type}`);
}
