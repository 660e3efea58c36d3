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
  /** `kill -9` of the program and everything that it started, at one moment. */
  readonly kill: () => void;
}

/** Starts the real program with a batch on its standard input: one thread, no weight cache. */
export function startDream(switches: readonly string[], lines: readonly string[]): RunningProgram {
  return startScript(BIN, ["--threads", "1", "--model_cache", "off", ...switches], `${lines.join("\n")}\n`);
}

/** Starts any script under this Node. */
export function startScript(script: string, words: readonly string[], input = ""): RunningProgram {
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
  child.stdin.end(input);
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  const kill = () => {
    try {
      process.kill(-(child.pid as number), "SIGKILL");
    } catch (error) {
      // It was quicker and has ended.
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  };
  return { output: () => said.output, errors: () => said.errors, ended, kill };
}
