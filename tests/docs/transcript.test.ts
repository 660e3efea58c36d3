import { readFileSync } from "node:fs";
import { afterAll, expect, test } from "@jest/globals";
import { TRANSCRIPT, transcriptDocument } from "../../docs/scripts/transcript/document.js";
import { FakeEngine } from "../repl/fake-engine.js";
import { temporaryFolder } from "../support/temporary-folder.js";
import { withoutChance } from "./read-markdown.js";

const folder = await temporaryFolder();
const cwd = process.cwd();
afterAll(() => process.chdir(cwd));

/** What the built-in model is like. */
function engine(): FakeEngine {
  const fake = new FakeEngine();
  fake.facts = { width: 256, height: 256, memoryMode: "fast", notices: [] };
  return fake;
}

test("docs/transcript.md is what the program prints today; npm run docs:transcript mends it", async () => {
  const played = await transcriptDocument(folder, engine);
  expect(withoutChance(readFileSync(TRANSCRIPT, "utf8"))).toBe(withoutChance(played));
});
