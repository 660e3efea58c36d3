import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EngineClient } from "../../lib/engine/client.js";
import { TRANSCRIPT, transcriptDocument } from "./transcript/document.js";

/** Makes docs/transcript.md: `npm run docs:transcript` (a few minutes). */
const folder = mkdtempSync(join(tmpdir(), "transcript-"));
try {
  writeFileSync(TRANSCRIPT, await transcriptDocument(folder, () => new EngineClient()));
} finally {
  process.chdir(tmpdir());
  rmSync(folder, { recursive: true, force: true });
}
