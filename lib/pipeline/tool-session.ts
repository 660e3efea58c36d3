import { stat } from "node:fs/promises";

/** One network beside the models, which stays open as long as the next job wants the same. */
export class ToolSession<Tool extends { release(): Promise<void> }> {
  #open: { readonly key: string; readonly tool: Tool } | undefined;

  /** @param create opens what lies at an absolute path */
  constructor(private readonly create: (path: string, threads: number) => Promise<Tool>) {}

  /** Whether a network is open. */
  get isOpen(): boolean {
    return this.#open !== undefined;
  }

  /** The network at a path, as its files are now. @throws what `create` throws */
  async open(path: string, threads: number): Promise<Tool> {
    // A file that was replaced is another network.
    const { mtimeMs, size } = await stat(path).catch(() => ({ mtimeMs: 0, size: 0 }));
    const key = JSON.stringify([path, mtimeMs, size, threads]);
    if (this.#open?.key === key) return this.#open.tool;
    await this.release();
    const tool = await this.create(path, threads);
    this.#open = { key, tool };
    return tool;
  }

  /** Gives the memory back. */
  async release(): Promise<void> {
    const open = this.#open;
    this.#open = undefined;
    await open?.tool.release();
  }
}
