import { InferenceSession, Tensor } from "onnxruntime-node";

export interface SessionOptions {
  /** Folder against which external data is resolved. */
  readonly folder: string;
  /** Threads of one operator: the number of real cores, never more. */
  readonly threads: number;
  /** Free scratch memory after every run: slower by a tenth, but the peak is lower. */
  readonly releaseScratch?: boolean;
  /** Entries of onnxruntime's session configuration, `session.` prefix left out. */
  readonly configuration?: Readonly<Record<string, string>>;
  /** Where the runtime writes the graph after its optimisations. */
  readonly optimizedModelPath?: string;
  /** False when the graph was optimised already. */
  readonly optimize?: boolean;
}

/** Input of a run: float32 data and its shape. */
export interface Feed {
  readonly data: Float32Array;
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
      graphOptimizationLevel: options.optimize === false ? "disabled" : "all",
      // Costs no time and saves a quarter of a gigabyte and more at real size.
      enableMemPattern: false,
      enableCpuMemArena: !options.releaseScratch,
      logSeverityLevel: 3,
      extra: { session: { ...options.configuration, model_external_initializers_file_folder_path: options.folder } },
    };
    if (options.optimizedModelPath !== undefined) settings.optimizedModelFilePath = options.optimizedModelPath;
    const session =
      typeof model === "string" ? await InferenceSession.create(model, settings) : await InferenceSession.create(model, settings);
    return new GraphSession(session);
  }

  /** @returns the data of the graph's only output */
  async run(feeds: Readonly<Record<string, Feed>>): Promise<Float32Array> {
    const tensors = Object.entries(feeds).map(([name, feed]) => [name, new Tensor("float32", feed.data, feed.shape)] as const);
    const results = await this.session.run(Object.fromEntries(tensors));
    const output = results[this.session.outputNames[0] as string] as Tensor;
    return output.data as Float32Array;
  }

  async release(): Promise<void> {
    await this.session.release();
  }
}
