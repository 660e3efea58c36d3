import type { GraphSession } from "../onnx/session.js";

/**
 * Sessions of one network, one per shape: graphs are built for exact shapes. The least recently used one is released before a new one is
 * made, because two copies of a large network may not fit.
 */
export class SessionPool {
  readonly #sessions = new Map<string, GraphSession>();

  /** @param capacity sessions that may exist at a time */
  constructor(private readonly capacity: number) {}

  async get(shape: string, create: () => Promise<GraphSession>): Promise<GraphSession> {
    let session = this.#sessions.get(shape);
    this.#sessions.delete(shape);
    if (!session) {
      const [oldest] = this.#sessions.keys();
      if (oldest !== undefined && this.#sessions.size >= this.capacity) await this.#drop(oldest);
      session = await create();
    }
    this.#sessions.set(shape, session);
    return session;
  }

  async release(): Promise<void> {
    for (const shape of [...this.#sessions.keys()]) await this.#drop(shape);
  }

  async #drop(shape: string): Promise<void> {
    const session = this.#sessions.get(shape);
    this.#sessions.delete(shape);
    await session?.release();
  }
}
