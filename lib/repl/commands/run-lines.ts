import { LONGEST_LINE } from "../longest-line.js";
import type { Desk, LineResult } from "./command.js";

/**
 * Runs lines as if they had been typed, each echoed; one that fails does not stop the others, Ctrl-C stops them all.
 *
 * @param runs false for a line that is only echoed
 */
export async function runLines(lines: readonly string[], desk: Desk, runs: (line: string) => boolean = () => true): Promise<LineResult> {
  let failures = 0;
  for (const line of lines) {
    if (desk.stopped()) return "failed";
    // One that is too long is only told of.
    if (line.length <= LONGEST_LINE) desk.say(`#${line}`);
    if (!runs(line)) continue;
    const result = await desk.runLine(line);
    if (result === "leave") return "leave";
    if (result === "failed") failures++;
  }
  return failures === 0 ? "done" : "failed";
}
