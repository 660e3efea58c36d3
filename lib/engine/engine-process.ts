import { type ChildProcess, fork } from "node:child_process";
import { DreamError } from "../errors.js";
import type { EngineEvent, EngineRequest } from "./protocol.js";

/** How an engine process ended. */
export interface EngineExit {
  /** One sentence for the user. */
  readonly reason: string;
  /** False when it ended before it could answer anything: a broken installation, not a broken job. */
  readonly wasReady: boolean;
}

interface ProcessHandlers {
  readonly onEvent: (event: EngineEvent) => void;
  /** Called once, whatever ended the process. */
  readonly onExit: (exit: EngineExit) => void;
}

const KEPT_ERROR_OUTPUT = 4096;

/** One child process that speaks the protocol; it is used until it ends and never revived. */
export class EngineProcess {
  /** Settles when the child answers; rejects with `engine/crashed` when it ends before that. */
  readonly ready: Promise<void>;
  readonly #child: ChildProcess;
  readonly #ended: Promise<string>;
  #errorOutput = "";

  /** @param entry absolute path of the JavaScript file to run */
  constructor(entry: string, handlers: ProcessHandlers) {
    const child = fork(entry, [], {
      serialization: "advanced",
      stdio: ["ignore", "ignore", "pipe", "ipc"],
      execArgv: [],
      // Named because a test's `process` is not the one that fork() would take it from.
      env: process.env,
    });
    this.#child = child;
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#errorOutput = (this.#errorOutput + text).slice(-KEPT_ERROR_OUTPUT);
    });
    // However this process ends, short of SIGKILL, the engine ends with it at once and not only after its current step.
    const killChild = () => child.kill("SIGKILL");
    process.once("exit", killChild);

    let wasReady = false;
    this.#ended = new Promise((resolve) => {
      const end = (code: number | null, signal: NodeJS.Signals | null) => {
        process.removeListener("exit", killChild);
        const reason = describeEnd(code, signal, this.#errorOutput);
        resolve(reason);
        handlers.onExit({ reason, wasReady });
      };
      // "exit" may come before the last of the error output; "close" of the process never comes after a disconnect() from this side.
      child.once("exit", (code, signal) => {
        if (child.stderr === null || child.stderr.closed) end(code, signal);
        else child.stderr.once("close", () => end(code, signal));
      });
      // A process that could not be started emits "error" alone; later errors (a message that could not be sent) end in "exit" anyway.
      child.on("error", (error) => {
        this.#errorOutput += `\n${error.message}`;
        if (child.pid === undefined) end(null, null);
      });
    });
    this.ready = new Promise((resolve, reject) => {
      child.on("message", (message) => {
        const event = message as EngineEvent;
        if (event.type === "ready") {
          wasReady = true;
          resolve();
        } else handlers.onEvent(event);
      });
      void this.#ended.then((reason) => reject(new DreamError("engine/crashed", reason)));
    });
    this.ready.catch(() => {});
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Sends a request; a child that is gone is reported by `onExit`, not here. */
  send(request: EngineRequest): void {
    if (this.#child.connected) this.#child.send(request, () => {});
  }

  /** Ends the process at once, also inside a run of onnxruntime. */
  kill(): void {
    this.#child.kill("SIGKILL");
  }

  /** Lets an idle child leave by itself and ends it after `graceMs` milliseconds. */
  async close(graceMs: number): Promise<void> {
    if (this.#child.connected) this.#child.disconnect();
    const timer = setTimeout(() => this.kill(), graceMs);
    await this.#ended;
    clearTimeout(timer);
  }
}

function describeEnd(code: number | null, signal: NodeJS.Signals | null, errorOutput: string): string {
  if (signal === "SIGKILL") return "the engine was killed (SIGKILL: by hand, or by the system for lack of memory)";
  const lastWords = errorOutput.trim().split("\n").at(-1) ?? "";
  const detail = lastWords === "" ? "" : `: ${lastWords}`;
  return signal === null ? `the engine ended with status ${code ?? "unknown"}${detail}` : `the engine ended on ${signal}${detail}`;
}
