import { Worker } from "node:worker_threads";
import { DreamError, type ErrorCode } from "../errors.js";
import { computeWeight, type WeightData, type WeightTask } from "./compute-weight.js";

/** Below this many bytes of results starting threads takes longer than computing. */
const SMALL_BYTES = 128e6;
type Answer = { readonly data: WeightData } | { readonly code: ErrorCode; readonly message: string };

/**
 * Computes weights, in the order of the tasks, on several threads where that pays. The threads hold no session of the runtime, so they
 * may be ended at any time.
 *
 * @param bytes of all results together
 * @param ahead results per thread that may wait for whoever takes them
 * @throws DreamError as `computeWeight`
 */
export async function* computeOnThreads(
  tasks: readonly WeightTask[],
  threads: number,
  bytes: number,
  ahead: number,
): AsyncGenerator<WeightData> {
  if (bytes < SMALL_BYTES || threads < 2) {
    for (const task of tasks) yield computeWeight(task);
    return;
  }
  const workers = Array.from({ length: threads }, () => new WeightWorker());
  try {
    const waiting: Promise<WeightData>[] = [];
    let next = 0;
    for (let done = 0; done < tasks.length; done++) {
      while (next < tasks.length && waiting.length < threads * ahead) {
        const result = leastBusy(workers).compute(tasks[next++] as WeightTask);
        // A failure is thrown when its turn comes.
        result.catch(() => undefined);
        waiting.push(result);
      }
      yield await (waiting.shift() as Promise<WeightData>);
    }
  } finally {
    await Promise.all(workers.map((worker) => worker.end()));
  }
}

function leastBusy(workers: readonly WeightWorker[]): WeightWorker {
  return workers.reduce((best, worker) => (worker.pending < best.pending ? worker : best));
}

interface Caller {
  readonly resolve: (data: WeightData) => void;
  readonly reject: (reason: unknown) => void;
}

/** A thread and the tasks that it was given; it answers them in order. */
class WeightWorker {
  readonly #callers: Caller[] = [];
  readonly #worker = new Worker(new URL("./weight-worker.js", import.meta.url));

  constructor() {
    this.#worker.on("message", (answer: Answer) => {
      const caller = this.#callers.shift();
      if ("data" in answer) caller?.resolve(answer.data);
      else caller?.reject(new DreamError(answer.code, answer.message));
    });
    const fail = (reason: unknown) => {
      for (const { reject } of this.#callers.splice(0)) reject(reason);
    };
    this.#worker.on("error", fail);
    // A task that comes after the thread's end would wait for ever.
    this.#worker.on("exit", () => fail(new DreamError("memory/exhausted", "a thread that prepared weights ended early")));
  }

  get pending(): number {
    return this.#callers.length;
  }

  compute(task: WeightTask): Promise<WeightData> {
    return new Promise((resolve, reject) => {
      this.#callers.push({ resolve, reject });
      this.#worker.postMessage(task);
    });
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }
}
