import { readFileSync } from "node:fs";
import { afterAll, expect, jest, test } from "@jest/globals";
import { TRANSCRIPT, transcriptDocument } from "../../docs/scripts/transcript/document.js";
import type { GenerationHandlers } from "../../lib/engine/engine.js";
import type { GenerationJob } from "../../lib/engine/protocol.js";
import { FakeEngine } from "../repl/fake-engine.js";
import { temporaryFolder } from "../support/temporary-folder.js";
import { withoutChance } from "./read-markdown.js";

// Every picture and log is synced to the disk, which a busy machine makes slow.
jest.setTimeout(180_000);

const folder = await temporaryFolder();
const cwd = process.cwd();
afterAll(() => process.chdir(cwd));

/** Like the built-in model, but takes one step whatever is asked: nothing that is printed depends on the others. */
class QuickEngine extends FakeEngine {
  override facts = { width: 256, height: 256, memoryMode: "fast", notices: ["Textual inversion triggers: <olive>"] } as const;

  override generate(job: GenerationJob, handlers?: GenerationHandlers) {
    return super.generate({ ...job, steps: 1 }, handlers);
  }
}

test("docs/transcript.md is what the program prints today; npm run docs:transcript [-- HEADING ...] mends it", async () => {
  const played = await transcriptDocument(folder, () => new QuickEngine());
  expect(withoutChance(readFileSync(TRANSCRIPT, "utf8"))).toBe(withoutChance(played));
});
