import { EventEmitter } from "node:events";
import { expect, test } from "@jest/globals";
import type { EngineBackend } from "../../lib/engine/backend.js";
import type { EngineEvent, EngineRequest } from "../../lib/engine/protocol.js";
import { serve } from "../../lib/engine/serve.js";
import { job } from "./fakes.js";

/** The other end of the channel: what is sent to the engine, and what comes back. */
class Channel extends EventEmitter {
  readonly events: EngineEvent[] = [];
  send(event: EngineEvent): boolean {
    this.events.push(event);
    return true;
  }
  exit(): never {
    throw new Error("the engine left");
  }
  tell(request: EngineRequest): void {
    this.emit("message", request);
  }
}

/** Draws nothing and takes for ever, unless it is stopped. */
const backend: EngineBackend = {
  load: () => Promise.reject(new Error("not asked for")),
  generate: (_job, { signal }) =>
    new Promise((_resolve, reject) => {
      signal.addEventListener("abort", () => reject(new Error("stopped")));
    }),
  upscale: () => Promise.reject(new Error("not asked for")),
  check: () => Promise.reject(new Error("not asked for")),
  segment: () => Promise.reject(new Error("not asked for")),
  restore: () => Promise.reject(new Error("not asked for")),
  status: () => ({ models: [], sessions: 0 }),
};

test("a cancel that comes together with its request is not lost, and only counts for that", async () => {
  const channel = new Channel();
  serve(backend, channel as unknown as NodeJS.Process);
  channel.tell({ type: "generate", id: 1, job: job(), previewEvery: 0 });
  channel.tell({ type: "cancel", id: 1 });
  await new Promise((resume) => setImmediate(resume));
  expect(channel.events).toEqual([{ type: "ready" }, { type: "cancelled", id: 1 }]);
  channel.tell({ type: "generate", id: 2, job: job(), previewEvery: 0 });
  channel.tell({ type: "cancel", id: 1 });
  await new Promise((resume) => setImmediate(resume));
  expect(channel.events).toHaveLength(2);
  channel.tell({ type: "cancel", id: 2 });
  await new Promise((resume) => setImmediate(resume));
  expect(channel.events.at(-1)).toEqual({ type: "cancelled", id: 2 });
});
