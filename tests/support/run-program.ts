import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { join } from "node:path";
import { PACKAGE_ROOT } from "../../lib/package-root.js";

const BIN = join(PACKAGE_ROOT, "bin", "dream.js");

/** A model of a few hundred kilobytes, 64 x 64. */
export const MINIATURE = join(PACKAGE_ROOT, "tests", "oracles", "miniatures", "sd1");

export interface ProgramOptions {
  /** Sent through standard input, which then ends. */
  readonly lines?: string | Uint8Array;
  readonly environment?: Readonly<Record<string, string>>;
  /** Shell commands to run in the same process before the program (limits). */
  readonly before?: string;
  /** Sees the process while it runs. */
  readonly meet?: (process: ChildProcessWithoutNullStreams) => void;
}

export interface ProgramEnd {
  /** Exit status; null after a signal. */
  readonly status: number | null;
  readonly output: string;
  readonly errors: string;
}

/** Runs the real program with the real engine to its end; no weight cache, one thread. */
export function runProgram(switches: readonly string[], options: ProgramOptions = {}): Promise<ProgramEnd> {
  const words = [BIN, "--model_cache", "off", "--threads", "1", ...switches];
  const env = { ...process.env, ...options.environment };
  const child =
    options.before === undefined
      ? spawn(process.execPath, words, { env })
      : spawn("sh", ["-c", `${options.before}; exec "$@"`, "sh", process.execPath, ...words], { env });
  const end = { output: "", errors: "" };
  child.stdout.on("data", (chunk: Buffer) => {
    end.output += chunk;
  });
  child.stderr.on("data", (chunk: Buffer) => {
    end.errors += chunk;
  });
  // A program that ended before it read everything is no failure of the test's own.
  child.stdin.on("error", () => {});
  child.stdin.end(options.lines ?? "q\n");
  options.meet?.(child);
  return new Promise((resolve) => child.on("close", (status) => resolve({ status, ...end })));
}
