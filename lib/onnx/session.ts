import { countOpened, countReleased } from "./open-sessions.js";
import { env, InferenceSession, Tensor } from "./runtime.js";

/** Version of the runtime that computes. */
export const ONNXRUNTIME_VERSION: string = env.versions.node ?? env.versions.common;

export interface SessionOptions {
  /** Folder against which external data is resolved. */
  readonly folder: string;
  /** Threads of one operator: the number of real cores, never more. */
  readonly threads: number;
  /** Free scratch memory after every run: slower by a tenth, but the peak is lower. */
  readonly releaseScratch?: boolean;
}

/** Input of a run: float32 or int32 data, or float16 bits, and its shape. The data is not copied. */
export interface Feed {
  readonly data: Float32Array | Int32Array | Uint16Array;
  readonly shape: readonly number[];
}

/**
 * A graph that is ready to run. `run` blocks the calling thread until it is done (a property of onnxruntime-node), which is why sessions
 * live in the engine process only.
 */
export class GraphSession {
  private constructor(private readonly session: InferenceSession) {}

  /** @param model the ModelProto, or the path of a file that holds one */
  static async create(model: Uint8Array | string, options: SessionOptions): Promise<GraphSession> {
    const settings: InferenceSession.SessionOptions = {
      executionProviders: ["cpu"],
      intraOpNumThreads: options.threads,
      interOpNumThreads: 1,
      executionMode: "sequential",
      graphOptimizationLevel: "all",
      // Costs no time and saves a quarter of a gigabyte and more at real size.
      enableMemPattern: false,
      enableCpuMemArena: !options.releaseScratch,
      logSeverityLevel: 3,
      extra: { session: { model_external_initializers_file_folder_path: options.folder } },
    };
    const session =
      typeof model === "string" ? await InferenceSession.create(model, settings) : await InferenceSession.create(model, settings);
    countOpened();
    return new GraphSession(session);
  }

  /** @returns the data of the graph's only output, which is float32 */
  async run(feeds: Readonly<Record<string, Feed>>): Promise<Float32Array> {
    const tensors = Object.entries(feeds).map(([name, feed]) => [name, toTensor(feed)] as const);
    const [output] = Object.values(await this.session.run(Object.fromEntries(tensors)));
    const data = (output as Tensor | undefined)?.data;
    if (!(data instanceof Float32Array)) throw new Error("the graph's output is not float32");
    return data;
  }

  async release(): Promise<void> {
    await this.session.release();
    countReleased();
  }
}

function toTensor({ data, shape }: Feed): Tensor {
  if (data instanceof Float32Array) return new Tensor("float32", data, shape);
  return data instanceof Int32Array ? new Tensor("int32", data, shape) : new Tensor("float16", data, shape);
}
