import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { DreamError } from "../errors.js";
import type { Engine, EngineStatus, Generated, GenerationHandlers } from "./engine.js";
import { type EngineExit, EngineProcess } from "./engine-process.js";
import type {
  EngineEvent,
  FaceJob,
  GeneratedImage,
  GenerationJob,
  HeatMap,
  LoadedModel,
  LoadRequest,
  RestoredFaces,
  SafetyJob,
  SegmentJob,
  UpscaleJob,
} from "./protocol.js";
import { StatusDesk } from "./status-desk.js";

const CHILD = fileURLToPath(new URL("./child.js", import.meta.url));

/** How long an idle child may take to leave by itself when the program ends, in milliseconds. */
const CLOSE_GRACE_MS = 500;

type Request =
  | { readonly type: "load"; readonly request: LoadRequest }
  | { readonly type: "generate"; readonly job: GenerationJob; readonly previewEvery: number; readonly livePreviews?: boolean }
  | { readonly type: "upscale"; readonly job: UpscaleJob }
  | { readonly type: "check"; readonly job: SafetyJob }
  | { readonly type: "segment"; readonly job: SegmentJob }
  | { readonly type: "restore"; readonly job: FaceJob };

/** What the caller waits for; at most one at a time. */
interface Task {
  /** Number of the request in the child; absent while the child is being restored first. */
  requestId?: number;
  cancelled: boolean;
  /** Ends the wait as cancelled, whatever the child is doing. */
  readonly abandon: () => void;
  /** Rejects when the task was abandoned; never resolves. */
  readonly abandoned: Promise<never>;
}

/** A request that was sent to the child and not answered yet. */
interface Exchange {
  readonly id: number;
  readonly onEvent: (event: EngineEvent) => void;
  readonly settle: (event: EngineEvent) => void;
  readonly fail: (reason: Error) => void;
}

const CANCELLED = Symbol("cancelled");

/**
 * The engine over a child process. The process is started by the first request; when it dies it is started again and the model that was
 * loaded last is loaded again. A child that dies while restoring is not started again before the next request, so that a model which
 * kills the engine does not do so for ever.
 */
export class EngineClient implements Engine {
  readonly #entry: string;
  readonly #listeners: ((text: string) => void)[] = [];
  #process: EngineProcess | undefined;
  /** The model that a fresh child must load before it can make pictures. */
  #wanted: LoadRequest | undefined;
  #modelLoaded = false;
  #restoring: Promise<void> | undefined;
  #exchange: Exchange | undefined;
  #task: Task | undefined;
  readonly #statusDesk = new StatusDesk();
  #lastId = 0;
  #closed = false;

  /** @param options.entry absolute path of the child's program, for tests */
  constructor(options: { readonly entry?: string } = {}) {
    this.#entry = options.entry ?? CHILD;
  }

  /** Process id of the child, or undefined while there is none. */
  get pid(): number | undefined {
    return this.#process?.pid;
  }

  async load(request: LoadRequest, onStage?: (stage: string) => void): Promise<LoadedModel> {
    const onEvent = (event: EngineEvent) => {
      if (event.type === "loading") onStage?.(event.stage);
      if (event.type === "notice") this.#notify(event.text);
    };
    const answer = await this.#perform(async (task) => {
      await this.#restoring?.catch(() => {});
      return this.#ask({ type: "load", request }, onEvent, task);
    });
    if (answer === CANCELLED) throw new DreamError("engine/cancelled", "loading was cancelled");
    if (answer.type !== "loaded") throw unexpected(answer);
    this.#wanted = request;
    this.#noteLoaded(answer.model);
    return answer.model;
  }

  async generate(job: GenerationJob, handlers: GenerationHandlers = {}): Promise<Generated | "cancelled"> {
    const onEvent = (event: EngineEvent) => {
      if (event.type === "step") handlers.onStep?.(event.step, event.total, event.preview);
      if (event.type === "tokens") handlers.onTokens?.(event.log);
      if (event.type === "notice") (handlers.onNotice ?? ((text) => this.#notify(text)))(event.text);
    };
    const answer = await this.#perform(async (task) => {
      await this.#ensureModel();
      const { previewEvery = 0, livePreviews } = handlers;
      return this.#ask({ type: "generate", job, previewEvery, livePreviews }, onEvent, task);
    });
    if (answer === CANCELLED) return "cancelled";
    if (answer.type !== "image") throw unexpected(answer);
    this.#statusDesk.countPicture(answer.seconds);
    void this.status();
    return { image: answer.image, seconds: answer.seconds };
  }

  async upscale(job: UpscaleJob, onPiece?: (piece: number, pieces: number) => void): Promise<GeneratedImage | "cancelled"> {
    const answer = await this.#askBeside({ type: "upscale", job }, onPiece);
    if (answer === CANCELLED) return "cancelled";
    if (answer.type !== "upscaled") throw unexpected(answer);
    return answer.image;
  }

  async check(job: SafetyJob): Promise<boolean | "cancelled"> {
    const answer = await this.#askBeside({ type: "check", job });
    if (answer === CANCELLED) return "cancelled";
    if (answer.type !== "checked") throw unexpected(answer);
    return answer.isUnsafe;
  }

  async segment(job: SegmentJob): Promise<HeatMap | "cancelled"> {
    const answer = await this.#askBeside({ type: "segment", job });
    if (answer === CANCELLED) return "cancelled";
    if (answer.type !== "segmented") throw unexpected(answer);
    return answer.map;
  }

  async restoreFaces(job: FaceJob, onStep?: (step: number, steps: number) => void): Promise<RestoredFaces | "cancelled"> {
    const answer = await this.#askBeside({ type: "restore", job }, onStep);
    if (answer === CANCELLED) return "cancelled";
    if (answer.type !== "restored") throw unexpected(answer);
    return answer.result;
  }

  cancel(): void {
    const task = this.#task;
    if (task === undefined) return;
    if (task.requestId === undefined) {
      task.abandon();
    } else if (task.cancelled) {
      this.#process?.kill();
    } else {
      this.#process?.send({ type: "cancel", id: task.requestId });
    }
    task.cancelled = true;
  }

  status(): Promise<EngineStatus> {
    return this.#statusDesk.ask(this.#process, ++this.#lastId);
  }

  onNotice(listener: (text: string) => void): void {
    this.#listeners.push(listener);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#task?.abandon();
    const busy = this.#exchange !== undefined;
    await this.#process?.close(busy ? 0 : CLOSE_GRACE_MS);
  }

  /** A task for a network beside the model: none need be loaded. */
  #askBeside(request: Request, onStep?: (step: number, total: number) => void): Promise<EngineEvent | typeof CANCELLED> {
    const onEvent = (event: EngineEvent) => {
      if (event.type === "step") onStep?.(event.step, event.total);
      if (event.type === "notice") this.#notify(event.text);
    };
    return this.#perform(async (task) => {
      await this.#restoring?.catch(() => {});
      return this.#ask(request, onEvent, task);
    });
  }

  /** Runs one task of the caller; resolves with CANCELLED however it ends once `cancel()` or `close()` took effect. */
  async #perform(work: (task: Task) => Promise<EngineEvent>): Promise<EngineEvent | typeof CANCELLED> {
    if (this.#closed) throw new DreamError("engine/failed", "the engine is closed");
    if (this.#task !== undefined) throw new DreamError("engine/failed", "the engine is busy");
    const task = newTask();
    this.#task = task;
    try {
      const answer = await Promise.race([work(task), task.abandoned]);
      return answer.type === "cancelled" ? CANCELLED : answer;
    } catch (failure) {
      if (task.cancelled || this.#closed) return CANCELLED;
      throw failure;
    } finally {
      this.#task = undefined;
    }
  }

  /** Waits for a reload under way, or reloads when the last attempt failed. */
  async #ensureModel(): Promise<void> {
    await this.#restoring?.catch(() => {});
    if (this.#modelLoaded) return;
    if (this.#wanted === undefined) throw new DreamError("engine/failed", "no model is loaded");
    await this.#restore(this.#wanted);
  }

  #restore(wanted: LoadRequest): Promise<void> {
    const started = Date.now();
    const reload = async () => {
      const answer = await this.#ask({ type: "load", request: wanted }, () => {});
      if (answer.type !== "loaded") throw unexpected(answer);
      this.#noteLoaded(answer.model);
      this.#notify(`reloaded ${basename(wanted.path)} in ${((Date.now() - started) / 1000).toFixed(1)} s`);
    };
    this.#restoring = reload().finally(() => {
      this.#restoring = undefined;
    });
    return this.#restoring;
  }

  /** Sends one request and resolves with the event that ends it; failures reported by the child reject. */
  async #ask(request: Request, onEvent: (event: EngineEvent) => void, task?: Task): Promise<EngineEvent> {
    const child = this.#process ?? this.#start();
    await child.ready;
    if (task?.cancelled) throw new Error("the task was abandoned before it was sent");
    if (this.#process !== child) throw new DreamError("engine/crashed", "the engine ended");
    const id = ++this.#lastId;
    if (task !== undefined) task.requestId = id;
    const event = await new Promise<EngineEvent>((settle, fail) => {
      this.#exchange = { id, onEvent, settle, fail };
      child.send({ ...request, id });
    });
    if (event.type === "error") throw new DreamError(event.code, event.message);
    return event;
  }

  #start(): EngineProcess {
    const started: EngineProcess = new EngineProcess(this.#entry, {
      onEvent: (event) => this.#receive(event),
      onExit: (exit) => this.#handleExit(exit),
    });
    this.#process = started;
    return started;
  }

  #receive(event: EngineEvent): void {
    const exchange = this.#exchange;
    if (event.type === "status") this.#statusDesk.receive(event.id, event.status);
    if (event.type === "ready" || exchange?.id !== event.id) return;
    if (event.type === "step" || event.type === "notice" || event.type === "loading" || event.type === "tokens") {
      exchange.onEvent(event);
    } else {
      this.#exchange = undefined;
      exchange.settle(event);
    }
  }

  #handleExit(exit: EngineExit): void {
    const exchange = this.#exchange;
    const restoring = this.#restoring !== undefined;
    const killedByUs = this.#task?.cancelled === true;
    this.#process = undefined;
    this.#modelLoaded = false;
    this.#exchange = undefined;
    this.#statusDesk.processEnded();
    if (!this.#closed && !restoring && exit.wasReady) {
      if (killedByUs) this.#notify("the engine was stopped; restarting");
      // The job's own failure says it otherwise.
      else if (exchange === undefined) this.#notify(`${exit.reason}; restarting`);
      this.#revive();
    }
    exchange?.fail(new DreamError("engine/crashed", exit.reason));
  }

  #revive(): void {
    const wanted = this.#wanted;
    if (wanted === undefined) {
      this.#start();
      return;
    }
    this.#restore(wanted).catch((failure: unknown) => {
      this.#notify(`could not reload ${basename(wanted.path)}: ${failure instanceof Error ? failure.message : failure}`);
    });
  }

  #noteLoaded({ seconds }: LoadedModel): void {
    this.#modelLoaded = true;
    this.#statusDesk.countLoad(seconds);
    void this.status();
  }

  #notify(text: string): void {
    for (const listener of this.#listeners) listener(text);
  }
}

function newTask(): Task {
  let abandon = () => {};
  const abandoned = new Promise<never>((_, reject) => {
    abandon = () => reject(CANCELLED);
  });
  abandoned.catch(() => {});
  return { cancelled: false, abandon, abandoned };
}

function unexpected(event: EngineEvent): Error {
  return new Error(`the engine answered with "${event.type}"`);
}
