import { availableParallelism } from "node:os";
import { expect, test } from "@jest/globals";
import { processorCores } from "../../lib/cli/processor-cores.js";

test("two hardware threads of one core count once", () => {
  const lists = Array.from({ length: 2 * availableParallelism() }, (_, cpu) => String(Math.floor(cpu / 2)));
  expect(processorCores((cpu) => lists[cpu])).toBe(availableParallelism());
  expect(processorCores((cpu) => ["0,1", "0,1"][cpu])).toBe(1);
});

test("where nobody tells, every hardware thread counts", () => {
  expect(processorCores(() => undefined)).toBe(availableParallelism());
});
