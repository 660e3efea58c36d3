import type { TokenLog } from "../conditioning/token-log.js";
import { DreamError, type ErrorCode } from "../errors.js";
import type { EngineBackend } from "./backend.js";
import { ownProcessMemory } from "./process-memory.js";
import type { EngineEvent, EngineRequest } from "./protocol.js";

/** The part of `process` that the engine needs; its own process in production and in tests. */
type Channel = Pick<NodeJS.Process, "on" | "send" | "exit">;

/**
 * Answers requests from the parent process, one after the other. Between two network calls the event loop turns once, so a cancel that
 * arrived during the call is seen before the next one.
 */
export function serve(backend: EngineBackend, channel: Channel = process): void {
  const send = (event: EngineEvent): void => {
    // The callback keeps a parent that died from raising an "error" event here; "disconnect" ends the process.
    channel.send?.(event, undefined, undefined, () => {});
  };
  let running: { readonly id: number; readonly abort: AbortController } | undefined;
  let last: Promise<void> = Promise.resolve();
  /** Number of the newest request that was begun; numbers rise. */
  let begun = 0;
  /** Requests that were cancelled before they were begun: both messages can arrive together. */
  const cancelledEarly = new Set<number>();

  const answer = async (
    request: Extract<EngineRequest, { type: "load" | "generate" | "upscale" | "check" | "segment" | "restore" }>,
  ): Promise<void> => {
    const { id } = request;
    const abort = new AbortController();
    running = { id, abort };
    begun = id;
    if (cancelledEarly.delete(id)) abort.abort();
    const notice = (text: string) => send({ type: "notice", id, text });
    try {
      abort.signal.throwIfAborted();
      if (request.type === "load") {
        const stage = (name: string) => send({ type: "loading", id, stage: name });
        const model = await backend.load(request.request, { signal: abort.signal, notice, stage });
        send({ type: "loaded", id, model });
      } else if (request.type === "upscale") {
        const piece = (step: number, total: number) => send({ type: "step", id, step, total });
        const image = await backend.upscale(request.job, { signal: abort.signal, notice, piece });
        send({ type: "upscaled", id, image });
      } else if (request.type === "check") {
        send({ type: "checked", id, isUnsafe: await backend.check(request.job, { signal: abort.signal, notice }) });
      } else if (request.type === "segment") {
        send({ type: "segmented", id, map: await backend.segment(request.job, { signal: abort.signal, notice }) });
      } else if (request.type === "restore") {
        const step = (index: number, total: number) => send({ type: "step", id, step: index, total });
        const result = await backend.restore(request.job, { signal: abort.signal, notice, step });
        send({ type: "restored", id, result });
      } else {
        const { job, previewEvery, livePreviews } = request;
        const step = (index: number, total: number, preview?: Extract<EngineEvent, { type: "step" }>["preview"]) =>
          send({ type: "step", id, step: index, total, preview });
        const tokens = (log: TokenLog) => send({ type: "tokens", id, log });
        const report = { signal: abort.signal, notice, step, previewEvery, livePreviews, tokens };
        const { image, seconds } = await backend.generate(job, report);
        send({ type: "image", id, image, seconds });
      }
    } catch (failure) {
      send(abort.signal.aborted ? { type: "cancelled", id } : { type: "error", id, ...describeFailure(failure) });
    } finally {
      running = undefined;
    }
  };

  // The terminal sends Ctrl-C to the whole process group; what it means is for the prompt to decide.
  channel.on("SIGINT", () => {});
  // Without a parent nobody waits for a picture.
  channel.on("disconnect", () => channel.exit(0));
  channel.on("message", (message) => {
    const request = message as EngineRequest;
    if (request.type === "cancel") {
      if (running?.id === request.id) running.abort.abort();
      else if (request.id > begun) cancelledEarly.add(request.id);
    } else if (request.type === "status") {
      send({ type: "status", id: request.id, status: { ...ownProcessMemory(), ...backend.status() } });
    } else {
      last = last.then(() => answer(request));
    }
  });
  send({ type: "ready" });
}

/** onnxruntime reports a failed allocation as an ordinary error with one of these texts. */
const OUT_OF_MEMORY = /failed to allocate|bad_alloc|bad allocation|array buffer allocation failed/i;

function describeFailure(failure: unknown): { code: ErrorCode; message: string } {
  if (failure instanceof DreamError) return { code: failure.code, message: failure.message };
  const message = failure instanceof Error ? failure.message : String(failure);
  if (OUT_OF_MEMORY.test(message)) return { code: "memory/exhausted", message: "the machine ran out of memory" };
  return { code: "engine/failed", message };
}
