import { spawn } from "node:child_process";
import { join } from "node:path";
import { PACKAGE_ROOT } from "../../lib/package-root.js";

const BIN = join(PACKAGE_ROOT, "bin", "dream.js");

/** A program that runs in a process group of its own. */
export interface RunningProgram {
  /** What it said so far on standard output. */
  readonly output: () => string;
  readonly errors: () => string;
  /** Exit status; null after a signal. */
  readonly ended: Promise<number | null>;
  /** Types lines that come later. */
  readonly type: (text: string) => void;
  /** Ends the lines. */
  readonly endLines: () => void;
  /** Takes its standard output away. */
  readonly stopListening: () => void;
  /** `kill -9` of the program and everything that it started, at one moment. */
  readonly kill: () => void;
}

/**
 * Starts the real program: one thread, no weight cache unless the switches name one.
 *
 * @param lines of its standard input, which then ends; undefined leaves it open for `type`
 */
export function startDream(switches: readonly string[], lines?: readonly string[]): RunningProgram {
  return startScript(BIN, ["--threads", "1", "--model_cache", "off", ...switches], lines && `${lines.join("\n")}\n`);
}

/** Starts any script under this Node. */
export function startScript(script: string, words: readonly string[], input?: string): RunningProgram {
  const child = spawn(process.execPath, [script, ...words], { detached: true });
  const said = { output: "", errors: "" };
  child.stdout.on("data", (chunk: Buffer) => {
    said.output += chunk;
  });
  child.stderr.on("data", (chunk: Buffer) => {
    said.errors += chunk;
  });
  // A program that is killed before it read its lines is what is wanted here.
  child.stdin.on("error", () => {});
  if (input !== undefined) child.stdin.end(input);
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  const kill = () => {
    try {
      process.kill(-(child.pid as number), "SIGKILL");
    } catch (error) {
      // It was quicker and has ended.
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  };
  return {
    output: () => said.output,
    errors: () => said.errors,
    ended,
    type: (text) => child.stdin.write(text),
    endLines: () => child.stdin.end(),
    stopListening: () => child.stdout.destroy(),
    kill,
  };
}
