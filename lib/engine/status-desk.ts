import type { EngineStatus } from "./engine.js";
import type { EngineProcess } from "./engine-process.js";
import { EMPTY_TALLY, type Tally, withPicture } from "./picture-tally.js";
import { processMemory } from "./process-memory.js";
import type { ProcessStatus, StageSeconds } from "./protocol.js";

/** How long an answer may take, in milliseconds: a run of onnxruntime keeps the engine from answering, and nobody waits that long. */
const PATIENCE_MS = 500;

const NOTHING_RUNS: ProcessStatus = { rssBytes: 0, peakRssBytes: 0, models: [], sessions: 0 };

/** A process status and whether the process said it just now. */
interface ReceivedStatus extends ProcessStatus {
  readonly current: boolean;
}

/**
 * Asks the engine process how it is and adds what it did. The last answer is remembered for when the process is too busy to give one;
 * it is asked for after every load and picture.
 */
export class StatusDesk {
  readonly #waiting = new Map<number, (received: ReceivedStatus) => void>();
  #last = NOTHING_RUNS;
  #tally: Tally = EMPTY_TALLY;

  countPicture(seconds: StageSeconds): void {
    this.#tally = withPicture(this.#tally, seconds);
  }

  countLoad(seconds: number): void {
    this.#tally = { ...this.#tally, lastLoadSeconds: seconds };
  }

  /** @param id number of the request, used once. @param child undefined while no process runs */
  async ask(child: EngineProcess | undefined, id: number): Promise<EngineStatus> {
    const received = child === undefined ? { ...NOTHING_RUNS, current: true } : await this.#askProcess(child, id);
    return { ...received, ...this.#tally };
  }

  /** Takes an answer, also one that nobody waits for any more. */
  receive(id: number, status: ProcessStatus): void {
    this.#last = status;
    this.#waiting.get(id)?.({ ...status, current: true });
  }

  /** The process ended, and with it all that it held. */
  processEnded(): void {
    this.#last = NOTHING_RUNS;
    for (const resolve of this.#waiting.values()) resolve({ ...NOTHING_RUNS, current: true });
  }

  async #askProcess(child: EngineProcess, id: number): Promise<ReceivedStatus> {
    let timer: NodeJS.Timeout | undefined;
    const answer = new Promise<ReceivedStatus>((resolve) => {
      this.#waiting.set(id, resolve);
      timer = setTimeout(() => resolve({ ...this.#last, ...memoryOf(child), current: false }), PATIENCE_MS);
    });
    child.send({ type: "status", id });
    try {
      return await answer;
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(id);
    }
  }
}

function memoryOf({ pid }: EngineProcess): Partial<ProcessStatus> {
  return (pid === undefined ? undefined : processMemory(pid)) ?? {};
}
