import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PACKAGE_ROOT } from "../../lib/package-root.js";
import { TerminalScreen } from "../support/terminal-screen.js";

const COLUMNS = 80;
const ROWS = 24;

/** Why the real program cannot be run in a pseudo-terminal here; undefined when it can. Node has none of its own. */
export const noPseudoTerminal: string | undefined = (() => {
  const { stdout } = spawnSync("script", ["--version"], { encoding: "utf8" });
  return stdout?.includes("util-linux") ? undefined : "needs the script command of util-linux";
})();

/** The real program, real engine and built-in model, behind a pseudo-terminal of 80 × 24. */
export interface RealProgram {
  readonly screen: TerminalScreen;
  /** Process of the program itself. */
  pid(): number;
  press(keys: string): void;
  /** Waits until the screen shows it. */
  until(condition: (screen: TerminalScreen) => boolean): Promise<void>;
  /** Exit status. */
  readonly status: Promise<number | null>;
}

const running: ChildProcessWithoutNullStreams[] = [];

/** Ends what a failed test left running. */
export function endPrograms(): void {
  for (const child of running.splice(0)) child.kill("SIGKILL");
}

/** @param folder working folder of the program, and of its pictures */
export function startProgram(folder: string, ...switches: string[]): RealProgram {
  const bin = join(PACKAGE_ROOT, "bin", "dream.js");
  const words = [process.execPath, bin, "--model_cache", "off", "--threads", "1", "-o", folder, ...switches];
  const command = `stty cols ${COLUMNS} rows ${ROWS}; exec ${words.map((word) => `'${word}'`).join(" ")}`;
  const env = { ...process.env, TERM: "xterm", LANG: "C.UTF-8", LC_ALL: "", TMUX: "", TERM_PROGRAM: "" };
  const child = spawn("script", ["-qfec", command, "/dev/null"], { cwd: folder, env });
  running.push(child);
  const screen = new TerminalScreen(COLUMNS, ROWS);
  child.stdout.pipe(screen);
  child.stdin.on("error", () => {});
  const status = new Promise<number | null>((resolve) => child.on("close", resolve));
  return {
    screen,
    pid: () => childrenOf(child.pid ?? 0)[0] as number,
    press: (keys) => child.stdin.write(keys),
    until: (condition) => until(screen, condition),
    status,
  };
}

/** Needs /proc, as `script` of util-linux does. */
export function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter(Boolean).map(Number);
}

async function until(screen: TerminalScreen, condition: (screen: TerminalScreen) => boolean): Promise<void> {
  for (const end = Date.now() + 100_000; !condition(screen); ) {
    if (Date.now() > end) throw new Error(`it never came; the screen shows\n${screen.text}`);
    await new Promise((resume) => setTimeout(resume, 20));
  }
}
