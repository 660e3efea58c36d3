import type { Engine } from "../engine/engine.js";
import type { LoadedModel, LoadRequest, TriggerFacts } from "../engine/protocol.js";
import { DreamError } from "../errors.js";
import type { ModelDefaults } from "../options/resolve.js";
import type { Emit } from "./events.js";

/** A model as a session knows it: its name in metadata, how to load it, and what its registry entry prefers. */
export interface SessionModel {
  readonly id: string;
  readonly request: LoadRequest;
  readonly defaults: Partial<ModelDefaults>;
  /** Sentences about the registry that it came from. */
  readonly notices: readonly string[];
}

/** The model in use with what is known since it was loaded. */
export interface ActiveModel {
  readonly model: SessionModel;
  readonly facts: LoadedModel;
  /** What a line gets that says nothing: the registry entry's values, else the model's own. */
  readonly defaults: ModelDefaults;
}

/** The model in use, and how another one takes its place. */
export class ModelShelf {
  private wanted: SessionModel;
  private loaded: Promise<ActiveModel | undefined> | undefined;

  constructor(
    private readonly engine: Engine,
    first: SessionModel,
    private readonly emit: Emit,
  ) {
    this.wanted = first;
  }

  /** The model that is in use or being loaded. */
  get current(): SessionModel {
    return this.wanted;
  }

  /**
   * Loads the first model.
   *
   * @throws DreamError when it cannot be loaded
   */
  async start(): Promise<void> {
    for (const notice of this.wanted.notices) this.say(`>> ${notice}`);
    const loading = this.load(this.wanted);
    this.loaded = loading.catch(() => undefined);
    await loading;
  }

  /**
   * Waits for the model in use.
   *
   * @throws DreamError when none is loaded
   */
  async active(): Promise<ActiveModel> {
    const active = await this.loaded;
    if (!active) throw new DreamError("engine/failed", "no model is loaded");
    return active;
  }

  /** Waits until the engine, which does one thing at a time, loads no model any more; whether one could be loaded does not matter. */
  async settled(): Promise<void> {
    await this.loaded;
  }

  /**
   * What embeddings add to prompts for the model in use; their folder is looked at again.
   *
   * @throws DreamError when no model is loaded
   */
  async triggers(): Promise<readonly TriggerFacts[]> {
    const { model } = await this.active();
    const facts = await this.engine.load(model.request);
    for (const notice of facts.notices) this.say(`>> ${notice}`);
    this.loaded = Promise.resolve(activeModel(model, facts));
    return facts.triggers;
  }

  /** True when this is the model in use, whatever name and preferences it has. */
  isActive({ request }: SessionModel): boolean {
    return (["path", "config", "vae", "previewDecoder", "memory", "modelCache", "threads"] as const).every(
      (key) => request[key] === this.wanted.request[key],
    );
  }

  /**
   * Puts another model in place of the one in use. When it cannot be loaded, the one in use stays. The one in use itself is not loaded
   * again, but takes the name and the preferences that it has now.
   *
   * @throws DreamError when it cannot be loaded
   */
  async change(model: SessionModel): Promise<ActiveModel> {
    // The engine does one thing at a time, and the first model may still be loading.
    const present = await this.loaded;
    const active = present && this.isActive(model) ? activeModel(model, present.facts) : await this.load(model);
    this.wanted = model;
    this.loaded = Promise.resolve(active);
    return active;
  }

  private async load(model: SessionModel): Promise<ActiveModel> {
    let reads = false;
    const onStage = (stage: string) => {
      if (!reads) this.say(`>> Loading ${model.id} from ${model.request.path}`);
      reads = true;
      this.emit({ type: "loading", stage });
    };
    try {
      const facts = await this.engine.load(model.request, onStage);
      const { family, width, height, memoryMode } = facts;
      const told = facts.fromMemory
        ? `>> Retrieving model ${model.id} from system RAM cache`
        : `>> Model loaded in ${facts.seconds.toFixed(2)}s: ${family}, ${width}x${height}, ${memoryMode} memory mode`;
      this.say([...facts.notices.map((notice) => `>> ${notice}`), told].join("\n"));
      return activeModel(model, facts);
    } finally {
      this.emit({ type: "rest" });
    }
  }

  private say(text: string): void {
    this.emit({ type: "text", text });
  }
}

function activeModel(model: SessionModel, facts: LoadedModel): ActiveModel {
  return { model, facts, defaults: modelDefaults(model, facts) };
}

/** What the registry entry leaves open is the loaded model's own. */
export function modelDefaults({ defaults }: SessionModel, native: { readonly width: number; readonly height: number }): ModelDefaults {
  return { ...defaults, width: defaults.width ?? native.width, height: defaults.height ?? native.height };
}
