import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** One measured program in a process of its own, driven line by line (see serve.ts). */
export class ContestantProcess {
  private readonly lines: AsyncIterator<string>;
  private errors = "";
  private ended = false;

  private constructor(
    private readonly child: ChildProcessWithoutNullStreams,
    readonly name: string,
  ) {
    this.lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    child.stderr.on("data", (data: Buffer) => {
      this.errors = (this.errors + data.toString()).slice(-4000);
    });
    child.on("exit", () => {
      this.ended = true;
    });
  }

  /**
   * Starts the program and waits until it has loaded.
   * @returns the process and the seconds that it needed to load, as measured by itself
   */
  static async start(
    name: string,
    command: string,
    args: readonly string[],
    cwd?: string,
  ): Promise<{ process: ContestantProcess; loadSeconds: number }> {
    const process = new ContestantProcess(spawn(command, [...args], { cwd, stdio: "pipe" }), name);
    const { loadSeconds } = await process.hear<{ loadSeconds: number }>();
    return { process, loadSeconds };
  }

  /** One call of the measured work, in seconds. */
  async go(): Promise<number> {
    this.child.stdin.write("go\n");
    return (await this.hear<{ seconds: number }>()).seconds;
  }

  /** Ends the program. @returns the most memory it held, in bytes, and some values of its last output */
  async quit(): Promise<{ peakBytes: number; probe?: readonly number[] }> {
    this.child.stdin.write("quit\n");
    const farewell = await this.hear<{ peakBytes: number; probe?: readonly number[] }>();
    this.child.stdin.end();
    if (!this.ended) await once(this.child, "exit");
    return farewell;
  }

  /** For the way out after a failure. */
  kill(): void {
    if (!this.ended) this.child.kill("SIGKILL");
  }

  private async hear<Message>(): Promise<Message> {
    for (;;) {
      const line = await this.lines.next();
      if (line.done) throw new Error(`${this.name} ended without an answer:\n${this.errors}`);
      if (line.value.startsWith("{")) return JSON.parse(line.value) as Message;
    }
  }
}
