import { allowedMemory, availableMemory, ownMemory } from "../engine/available-memory.js";
import type { LoadReport } from "../engine/backend.js";
import { chooseMemoryMode, type MemoryChoice, type MemoryMode, type PictureSize } from "../engine/memory.js";
import type { LoadRequest } from "../engine/protocol.js";
import type { ModelComponents } from "../models/model-components.js";
import type { LiveModel } from "./live-model.js";
import { isSameModel, isUnchanged } from "./opened-model.js";

/** A memory mode, and which of the loaded models can stay beside it. */
export interface Room extends MemoryChoice {
  readonly staying: readonly LiveModel[];
}

/** The models that are loaded, the least recently used first; the last one makes the pictures. */
export class LoadedModels {
  #models: readonly LiveModel[] = [];

  get active(): LiveModel | undefined {
    return this.#models.at(-1);
  }

  get all(): readonly LiveModel[] {
    return this.#models;
  }

  /** Those but the active one, the least recently used first. */
  get waiting(): readonly LiveModel[] {
    return this.#models.slice(0, -1);
  }

  /** The loaded model that a request asks for, if its files are still those that were read. */
  async find(request: LoadRequest): Promise<LiveModel | undefined> {
    const found = this.#models.find(({ opened }) => isSameModel(opened.request, request));
    return found !== undefined && (await isUnchanged(found.opened)) ? found : undefined;
  }

  /** Those that may stay when the model of a request, not loaded yet, joins them. */
  besideNew(request: LoadRequest): readonly LiveModel[] {
    const { keep = 1 } = request;
    const others = this.#models.filter(({ opened }) => !isSameModel(opened.request, request));
    return others.slice(Math.max(0, others.length - (keep - 1)));
  }

  /** Makes a loaded model the active one and lets go of those beyond `keep`. */
  async activate(model: LiveModel, keep: number): Promise<void> {
    const order = [...this.#models.filter((other) => other !== model), model];
    const kept = order.slice(-Math.max(1, keep));
    this.#models = kept;
    await releaseAll(order.filter((other) => !kept.includes(other)));
  }

  /** Lets go of all that do not stay; the active one always does. */
  async retain(staying: readonly LiveModel[]): Promise<void> {
    const leaving = this.waiting.filter((model) => !staying.includes(model));
    this.#models = this.#models.filter((model) => !leaving.includes(model));
    await releaseAll(leaving);
  }

  /**
   * Builds a model's sessions once those that do not stay have given their memory back, and makes it the active one. When that fails
   * the active one stays what it was, its sessions built again if it had given them up.
   */
  async add(model: LiveModel, size: PictureSize, staying: readonly LiveModel[], report: LoadReport): Promise<void> {
    const previous = this.active;
    const leaving = this.#models.filter((other) => !staying.includes(other));
    await releaseAll(leaving);
    try {
      await model.prepare(size, report);
    } catch (failure) {
      await model.release();
      this.#models = this.#models.filter((other) => other === previous || staying.includes(other));
      if (previous !== undefined && leaving.includes(previous)) await bringBack(previous, report.notice);
      throw failure;
    }
    this.#models = [...staying, model];
  }
}

/**
 * Finds room for a model or a larger picture: models that stay loaded count as taken, and the least recently used of them go one by one
 * where the memory does not suffice.
 * @throws DreamError memory/predicted when it would not suffice without them either
 */
export async function findRoom(
  components: ModelComponents,
  size: PictureSize,
  wanted: "auto" | MemoryMode,
  candidates: readonly LiveModel[],
): Promise<Room> {
  for (let leaving = 0; ; leaving++) {
    const staying = candidates.slice(leaving);
    try {
      return { ...chooseMemoryMode(components, size, wanted, await reachableMemory(staying)), staying };
    } catch (failure) {
      if (staying.length === 0) throw failure;
    }
  }
}

/** What the next networks may take: what is free, and what the models that go give back. */
async function reachableMemory(staying: readonly LiveModel[]): Promise<number> {
  return reachableBeside(staying.reduce((sum, model) => sum + model.heldBytes, 0));
}

/** What may be taken when everything but `heldBytes` is given back. */
export async function reachableBeside(heldBytes: number): Promise<number> {
  const allowed = allowedMemory();
  if (allowed !== undefined) return allowed - heldBytes;
  return (await availableMemory()) + Math.max(0, (await ownMemory()) - heldBytes);
}

/** A model that cannot be brought back now is tried again by the next picture. */
async function bringBack(model: LiveModel, notice: (text: string) => void): Promise<void> {
  try {
    await model.prepare(model.opened.components.nativeSize, { signal: new AbortController().signal, notice, stage: () => {} });
  } catch (failure) {
    notice(`the previous model could not be loaded again: ${failure instanceof Error ? failure.message : failure}`);
  }
}

async function releaseAll(models: readonly LiveModel[]): Promise<void> {
  for (const model of models) await model.release();
}
