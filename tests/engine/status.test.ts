import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { EngineClient } from "../../lib/engine/client.js";
import { ownProcessMemory, processMemory } from "../../lib/engine/process-memory.js";
import { fakeClient, job, loadRequest } from "./fakes.js";

let engine: EngineClient;

beforeEach(() => {
  engine = fakeClient();
});

afterEach(() => engine.close());

const NOTHING = { conditioning: 0, sampling: 0, decoding: 0 };
const ONE = { conditioning: 1, sampling: 2, decoding: 4 };

describe("the status", () => {
  test("before anything was loaded is empty and starts no process", async () => {
    expect(await engine.status()).toEqual({
      rssBytes: 0,
      peakRssBytes: 0,
      models: [],
      sessions: 0,
      pictures: 0,
      totals: NOTHING,
      current: true,
    });
    expect(engine.pid).toBeUndefined();
  });

  test("tells what is loaded, the memory, and the seconds of all pictures and the last", async () => {
    await engine.load(loadRequest("/models/a"));
    await engine.generate(job());
    await engine.generate(job());
    const status = await engine.status();
    expect(status).toMatchObject({
      models: [{ path: "/models/a", family: "fake", memoryMode: "fast", weightBytes: 123, active: true }],
      sessions: 3,
      pictures: 2,
      lastPicture: ONE,
      totals: { conditioning: 2, sampling: 4, decoding: 8 },
      lastLoadSeconds: 0,
      current: true,
    });
    expect(status.rssBytes).toBeGreaterThan(1e7);
    expect(status.peakRssBytes).toBeGreaterThanOrEqual(status.rssBytes);
  });

  test("comes between two steps of a picture", async () => {
    await engine.load(loadRequest("/models/a"));
    let onFirst = () => {};
    const first = new Promise<void>((resolve) => {
      onFirst = resolve;
    });
    const finished = engine.generate(job({ steps: 200 }), { onStep: () => onFirst() });
    await first;
    expect(await engine.status()).toMatchObject({ models: [{ path: "/models/a" }], pictures: 0, current: true });
    engine.cancel();
    await finished;
  });

  test("of an engine that is busy with one step is that of its last answer, with the memory of now", async () => {
    await engine.load(loadRequest("/models/a"));
    const finished = engine.generate(job({ prompt: "hang" }));
    await new Promise((resolve) => setTimeout(resolve, 100));
    const asked = performance.now();
    const status = await engine.status();
    expect(performance.now() - asked).toBeLessThan(2000);
    expect(status).toMatchObject({ models: [{ path: "/models/a" }], sessions: 3, lastLoadSeconds: 0, current: false });
    expect(status.rssBytes).toBeGreaterThan(1e7);
    engine.cancel();
    engine.cancel();
    await finished;
  });

  test("does not wait for a process that dies, and keeps the counts", async () => {
    await engine.load(loadRequest("/models/a"));
    await engine.generate(job());
    const finished = engine.generate(job({ prompt: "hang" })).catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 100));
    const status = engine.status();
    process.kill(engine.pid!, "SIGKILL");
    expect(await status).toMatchObject({ models: [], rssBytes: 0, pictures: 1, totals: ONE });
    await finished;
  });
});

describe("memory of a process", () => {
  test("is its own or another's", () => {
    const own = ownProcessMemory();
    expect(own.rssBytes).toBeGreaterThan(1e7);
    expect(own.peakRssBytes).toBeGreaterThanOrEqual(own.rssBytes);
    expect(processMemory(2 ** 30)).toBeUndefined();
  });
});
