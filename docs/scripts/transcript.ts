import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EngineClient } from "../../lib/engine/client.js";
import { renewedDocument, TRANSCRIPT, transcriptDocument } from "./transcript/document.js";

/** Makes docs/transcript.md: `npm run docs:transcript` (a few minutes), or some of its parts: `npm run docs:transcript -- Mistakes Tab`. */
const folder = mkdtempSync(join(tmpdir(), "transcript-"));
try {
  const engine = () => new EngineClient();
  const headings = process.argv.slice(2);
  const made =
    headings.length === 0
      ? transcriptDocument(folder, engine)
      : renewedDocument(readFileSync(TRANSCRIPT, "utf8"), headings, folder, engine);
  writeFileSync(TRANSCRIPT, await made);
} finally {
  process.chdir(tmpdir());
  rmSync(folder, { recursive: true, force: true });
}
