import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { rename, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { LoadRequest } from "../engine/protocol.js";
import { DreamError } from "../errors.js";
import { readBoundedText } from "../json-file.js";
import type { FaceTool } from "../models/face-tools.js";
import { openModel } from "../models/open-model.js";
import { editRegistry, editRegistryIf } from "../models/registry/edit-registry.js";
import {
  defaultTool,
  type Registry,
  type ResolvedModel,
  readRegistry,
  resolveModel,
  type ToolEntry,
  type ToolKind,
} from "../models/registry/registry.js";
import type { RegistryDraft } from "../models/registry/registry-draft.js";
import { resolveLine } from "../options/resolve.js";
import type { SessionModel } from "./model-shelf.js";

/** How models are loaded, whichever they are. */
export type LoadSettings = Pick<LoadRequest, "memory" | "modelCache" | "threads" | "keep" | "embeddings">;

/** Bytes of a name, at most. */
const LONGEST_NAME = 4096;

/** The models that could be loaded: the registry as it is on the disk at the moment, and how its entries become requests. */
export class ModelCatalogue {
  /**
   * @param path absolute path of the registry
   * @param settings how models are loaded
   * @param root folder that remembers the last model, where there is one
   * @param shipped absolute path of the registry that comes with the program: its tools serve where `path` names none
   */
  constructor(
    readonly path: string,
    private readonly settings: LoadSettings,
    readonly root?: string,
    private readonly shipped?: string,
  ) {}

  /** Processor threads for whatever computes. */
  get threads(): number {
    return this.settings.threads;
  }

  /** What works on pictures in this way; undefined when neither registry names one. @throws DreamError registry/unreadable */
  async tool(kind: ToolKind, type?: FaceTool): Promise<ToolEntry | undefined> {
    for (const path of [this.path, this.shipped]) {
      if (path === undefined || !existsSync(path)) continue;
      const found = defaultTool(await readRegistry(path), kind, type);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** @throws DreamError file/not-found, file/unreadable, registry/unreadable */
  read(): Promise<Registry> {
    return readRegistry(this.path);
  }

  /**
   * Changes an entry, or adds one. Values that no line may ask for are refused, and so are files that are no model.
   *
   * @param name of the entry afterwards
   * @throws DreamError registry/*, model/*
   */
  async edit(name: string, change: (draft: RegistryDraft) => void): Promise<SessionModel> {
    const before = (await this.read()).entries;
    return editRegistryIf(this.path, change, async (registry) => {
      const entry = registry.entries.get(name);
      if (entry === undefined) throw new DreamError("registry/unwritable", `${name} would be no entry that can be used`);
      const edited = this.sessionModel(registry, { name, path: entry.path, entry });
      const { path, config, vae } = edited.request;
      const isKnown = [...before.values()].some((old) => old.path === path && old.config === config && old.vae === vae);
      if (!isKnown) await openModel(path, { config, vae });
      return edited;
    });
  }

  /** Takes an entry out of the registry; its files stay. @throws DreamError registry/*, model/not-found */
  async remove(name: string): Promise<void> {
    await editRegistry(this.path, (draft) => draft.remove(name));
  }

  /**
   * The model that a user means by a name or a path.
   *
   * @throws DreamError model/not-found, registry/unreadable, file/not-found
   */
  async find(nameOrPath: string): Promise<SessionModel> {
    const registry = await this.read();
    return this.sessionModel(registry, resolveModel(nameOrPath, registry));
  }

  /** @throws DreamError registry/unreadable when the entry prefers what no line may ask for */
  sessionModel(registry: Registry, { name, path, entry }: ResolvedModel): SessionModel {
    const defaults = {
      width: entry?.width,
      height: entry?.height,
      steps: entry?.steps,
      sampler: entry?.sampler,
      cfgScale: entry?.cfgScale,
    };
    checkDefaults(defaults, `${registry.path}: ${name}`);
    return {
      // A path would make the recorded commands long and tell where the user keeps things.
      id: entry ? name : basename(path).replace(/\.(safetensors|ckpt|pt|pth|bin)$/i, ""),
      request: { path, config: entry?.config, vae: entry?.vae, previewDecoder: entry?.previewDecoder, ...this.settings },
      defaults,
      notices: registry.notices,
    };
  }

  /** The name of the model that was switched to last, in this session or one before; undefined without a root. */
  async lastModel(): Promise<string | undefined> {
    if (this.root === undefined) return undefined;
    const text = await readBoundedText(this.lastModelFile(this.root), LONGEST_NAME, "file/unreadable").catch(() => "");
    return text.trim() || undefined;
  }

  /**
   * Remembers which model to start with next time, where there is a root to remember it in.
   *
   * @returns what went wrong: no reason to stop
   */
  async remember(name: string): Promise<string | undefined> {
    if (this.root === undefined) return undefined;
    const path = this.lastModelFile(this.root);
    const temporary = `${path}.${process.pid}-${randomBytes(4).toString("hex")}.tmp`;
    try {
      await writeFile(temporary, `${name}\n`, { flag: "wx" });
      await rename(temporary, path);
      return undefined;
    } catch (error) {
      await rm(temporary, { force: true });
      return `${path} could not be written (${(error as NodeJS.ErrnoException).code}): the next start does not know of ${name}`;
    }
  }

  private lastModelFile(root: string): string {
    return join(root, ".last_model");
  }
}

/** What an entry prefers must be legal on a line. @throws DreamError registry/unreadable */
function checkDefaults(defaults: SessionModel["defaults"], origin: string): void {
  try {
    resolveLine({ prompt: "x" }, {}, { ...defaults, width: defaults.width ?? 512, height: defaults.height ?? 512 });
  } catch (error) {
    throw error instanceof DreamError ? new DreamError("registry/unreadable", `${origin}: ${error.message}`) : error;
  }
}
