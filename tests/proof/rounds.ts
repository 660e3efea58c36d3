import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** How often a proof kills: `PROOF_RUNS=20 npm run proof -- program-kill`, or as often as it says itself. */
export function rounds(usual: number): number {
  const wanted = Number(process.env.PROOF_RUNS ?? usual);
  if (!Number.isSafeInteger(wanted) || wanted < 1)
    throw new Error(`PROOF_RUNS must be a whole number from 1, not ${process.env.PROOF_RUNS}`);
  return wanted;
}

/** A folder for a proof; it stays when the proof fails, so that one can look. */
export async function inTemporaryFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "dream-proof-"));
  try {
    await work(folder);
  } catch (error) {
    console.log(`what was there at the failure lies in ${folder}`);
    throw error;
  }
  rmSync(folder, { recursive: true, force: true });
}

/** @throws an ordinary error, which ends the proof with a status that is not 0 */
export function claim(holds: boolean, sentence: string): asserts holds {
  if (!holds) throw new Error(sentence);
}

/** Resolves once a condition holds. @throws when it does not for two minutes */
export async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 120_000;
  while (!condition()) {
    claim(Date.now() < deadline, `this did not come true in two minutes: ${condition}`);
    await sleep(5);
  }
}

export function sleep(milliseconds: number): Promise<void> {
  return new Promise((resume) => setTimeout(resume, milliseconds));
}
