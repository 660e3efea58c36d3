import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { runPromptCases } from "../conformance/prompt.js";
import { ORACLES } from "../oracles/read-oracle.js";

test("generated prompts are read as compel 1.1.5 reads them", async () => {
  const results = await runPromptCases(readFileSync(join(ORACLES, "prompt", "cases.jsonl"), "utf8"));
  expect(results.filter(({ difference }) => difference !== undefined)).toEqual([]);
  expect(results.length).toBeGreaterThan(500);
});
