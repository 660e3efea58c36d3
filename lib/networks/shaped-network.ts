import type { WeightSource } from "../checkpoints/tensor.js";
import { type Feed, GraphSession } from "../onnx/session.js";
import { type ChangedKernels, KernelStore } from "./kernel-store.js";
import type { NetworkGraph } from "./network-builder.js";
import type { WeightCache } from "./weight-cache.js";
import type { WeightDeltas } from "./weight-delta.js";
import type { WeightRequest } from "./weight-reader.js";

export interface ShapedNetworkOptions {
  /** Name of the part of the model: "unet", "vae" … */
  readonly name: string;
  readonly source: WeightSource;
  readonly threads: number;
  readonly releaseScratch: boolean;
  readonly cache?: WeightCache;
  /** Told when the cache could not be used. */
  readonly onNotice: (text: string) => void;
  /** Sessions of different shapes that may exist at a time. */
  readonly capacity: number;
}

interface ReadyGraph {
  readonly session: GraphSession;
  readonly kernels: Readonly<Record<string, Feed>>;
}

/**
 * One network with its weights. Graphs are built for exact shapes, so there is a session per shape; the least recently used one is
 * released before a new one is made, because two copies of a large network may not fit.
 */
export class ShapedNetwork {
  readonly #ready = new Map<string, ReadyGraph>();
  readonly #kernels: KernelStore;

  constructor(
    private readonly options: ShapedNetworkOptions,
    changed?: ChangedKernels,
    /** What the graph of each shape asks of the cache: deltas change nothing about it. */
    private readonly asked = new Map<string, readonly WeightRequest[]>(),
  ) {
    this.#kernels = new KernelStore(options.source, options.threads, changed);
  }

  /** The same network with changed weights; kernels that did not change are shared. Its graphs are to be built with the same deltas. */
  changedBy(deltas: WeightDeltas): ShapedNetwork {
    return new ShapedNetwork(this.options, { deltas, plain: this.#kernels }, this.asked);
  }

  /**
   * Runs the graph for a shape, building it first where there is none.
   * @param shape identifies what `build` builds
   * @throws DreamError weights/*
   */
  async run(shape: string, build: (source: WeightSource) => NetworkGraph, feeds: Readonly<Record<string, Feed>>): Promise<Float32Array> {
    const { session, kernels } = await this.prepare(shape, build);
    return session.run({ ...feeds, ...kernels });
  }

  /** Makes the session for a shape without running it. */
  async prepare(shape: string, build: (source: WeightSource) => NetworkGraph): Promise<ReadyGraph> {
    let ready = this.#ready.get(shape);
    this.#ready.delete(shape);
    if (!ready) {
      const [oldest] = this.#ready.keys();
      if (oldest !== undefined && this.#ready.size >= this.options.capacity) await this.#drop(oldest);
      ready = await this.#create(shape, build);
    }
    this.#ready.set(shape, ready);
    return ready;
  }

  async release(): Promise<void> {
    for (const shape of [...this.#ready.keys()]) await this.#drop(shape);
    this.#kernels.clear();
  }

  async #create(shape: string, build: (source: WeightSource) => NetworkGraph): Promise<ReadyGraph> {
    const { source, threads, releaseScratch, cache } = this.options;
    const known = cache && this.asked.get(shape);
    let graph = known ? undefined : build(source);
    let { folder } = source;
    const cached = await this.#fromCache(known ?? graph?.requests ?? []);
    if (cached) {
      this.asked.set(shape, known ?? graph?.requests ?? []);
      graph = build(cached);
      folder = cached.folder;
    }
    graph ??= build(source);
    // The runtime's part keeps this thread busy; meanwhile other threads compute the kernels.
    const [kernels, session] = await Promise.allSettled([
      this.#kernels.feeds(graph.computedInputs),
      GraphSession.create(graph.model, { folder, threads, releaseScratch }),
    ]);
    if (kernels.status === "fulfilled" && session.status === "fulfilled") return { session: session.value, kernels: kernels.value };
    if (session.status === "fulfilled") await session.value.release();
    throw kernels.status === "rejected" ? kernels.reason : (session as PromiseRejectedResult).reason;
  }

  async #fromCache(requests: readonly WeightRequest[]): Promise<WeightSource | undefined> {
    const { cache, name, source, threads, onNotice } = this.options;
    if (!cache) return undefined;
    try {
      const provided = await cache.provide(name, source, requests, threads);
      if (!provided) onNotice("the model cache has no room for this model; reading the file in place");
      return provided;
    } catch (error) {
      onNotice(`the model cache cannot be used (${error instanceof Error ? error.message : String(error)}); reading the file in place`);
      return undefined;
    }
  }

  async #drop(shape: string): Promise<void> {
    const ready = this.#ready.get(shape);
    this.#ready.delete(shape);
    await ready?.session.release();
  }
}
