import { fileURLToPath } from "node:url";
import { EngineClient } from "../../lib/engine/client.js";
import type { GenerationJob, LoadRequest } from "../../lib/engine/protocol.js";

/** The client over a child process whose backend only sleeps. */
export function fakeClient(): EngineClient {
  return new EngineClient({ entry: fileURLToPath(new URL("./fake-child.js", import.meta.url)) });
}

export function loadRequest(path: string): LoadRequest {
  return { path, memory: "auto", modelCache: "off", threads: 1 };
}

export function job(overrides: Partial<GenerationJob> = {}): GenerationJob {
  return {
    prompt: "a cat",
    width: 64,
    height: 64,
    steps: 5,
    cfgScale: 7.5,
    sampler: "k_euler",
    seed: 42,
    variations: [],
    karras: false,
    rng: "cpu",
    seamless: "",
    clipSkip: 0,
    ...overrides,
  };
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Resolves once `condition` holds; rejects after `milliseconds`. */
export async function until(condition: () => boolean, milliseconds = 5000): Promise<void> {
  const deadline = Date.now() + milliseconds;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error("the condition did not come true in time");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
