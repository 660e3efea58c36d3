import { mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import type { WeightTask } from "../../lib/networks/compute-weight.js";
import { computeOnThreads } from "../../lib/networks/weight-workers.js";
import { temporaryFolder } from "../support/temporary-folder.js";

const file = join(mkdtempSync(join(await temporaryFolder(), "test-")), "weights.bin");
const values = Float32Array.from({ length: 4 * 4 * 9 }, (_, i) => i);
writeFileSync(file, values);

/** Enough to be worth threads. */
const LARGE = 1e9;

function task(number: number, offset = 0): WeightTask {
  return {
    request: { name: String(number), key: "k", shape: [4, 4, 3, 3], form: number % 2 === 0 ? "im2col" : "winograd4" },
    stored: { key: "k", dtype: "F32", shape: [4, 4, 3, 3], file, offset, byteLength: values.byteLength },
    deltas: [{ kind: "product", rank: 1, up: Float32Array.of(1, 0, 0, number), down: new Float32Array(36).fill(1), scale: 1 }],
  };
}

async function collect(tasks: readonly WeightTask[], bytes: number): Promise<unknown[]> {
  const results: unknown[] = [];
  for await (const data of computeOnThreads(tasks, 2, bytes, 2)) results.push(data);
  return results;
}

test("threads give the same weights in the same order", async () => {
  const tasks = Array.from({ length: 9 }, (_, number) => task(number));
  expect(await collect(tasks, LARGE)).toEqual(await collect(tasks, 0));
});

test.each([
  ["threads", LARGE],
  ["this thread", 0],
])("a file that ends early is named by %s", async (_where, bytes) => {
  await expect(collect([task(0), task(1, 64)], bytes)).rejects.toThrow(`${file} ends at byte ${values.byteLength}, inside a tensor`);
});

test("whoever stops taking results leaves no thread behind", async () => {
  const handles = () => process.getActiveResourcesInfo().filter((name) => name === "MessagePort" || name === "Worker").length;
  const before = handles();
  for await (const _ of computeOnThreads([task(0), task(1), task(2)], 2, LARGE, 2)) break;
  expect(handles()).toBe(before);
});
