import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { DreamError } from "../errors.js";
import { autoimport } from "../models/registry/autoimport.js";
import { defaultModel, type Registry } from "../models/registry/registry.js";
import type { LaunchValues } from "../options/table.js";
import { PACKAGE_ROOT } from "../package-root.js";
import { ModelCatalogue } from "../repl/model-catalogue.js";
import type { SessionModel } from "../repl/model-shelf.js";
import { APP } from "../version.js";
import { processorCores } from "./processor-cores.js";

/** The models that `--config` or, without it, the package offers, and how the launch switches want them loaded. */
export function openCatalogue(launch: LaunchValues, environment: NodeJS.ProcessEnv): ModelCatalogue {
  const shipped = join(PACKAGE_ROOT, "configs", "models.yaml");
  const config = resolve(launch.config ?? shipped);
  const { modelCache } = launch;
  const settings = {
    memory: launch.memory ?? "auto",
    modelCache: modelCache === undefined ? defaultCacheFolder(environment) : modelCache === "off" ? "off" : resolve(modelCache),
    threads: launch.threads ?? processorCores(),
    keep: launch.maxLoadedModels ?? 1,
    embeddings: embeddingsOf(launch),
  };
  return new ModelCatalogue(config, settings, launch.rootDir, shipped);
}

/**
 * The model to start with: what `--model` names, a registered name or a path; else the one that was switched to last, where there is a
 * root that remembers it; else the registry's default. Models below `--autoimport` are registered first.
 *
 * @throws DreamError model/not-found, registry/unreadable, file/not-found
 */
export async function chooseModel(launch: LaunchValues, catalogue: ModelCatalogue): Promise<SessionModel> {
  const said = launch.autoimport === undefined ? [] : await autoimport(resolve(launch.autoimport), catalogue.path);
  const registry = await catalogue.read();
  const { name, notices } = launch.model === undefined ? await usualModel(catalogue, registry) : { name: launch.model, notices: [] };
  const model = await catalogue.find(name);
  return { ...model, notices: [...said, ...notices, ...missingEmbeddings(launch), ...model.notices] };
}

/**
 * Where embeddings are looked for: what `--embedding_directory` names, else `embeddings` below the root; without a root `embeddings` in the
 * working folder where there is one, else those that come with the program.
 */
function embeddingsOf({ embeddings, embeddingDirectory, rootDir }: LaunchValues): string | undefined {
  if (embeddings === false) return undefined;
  const folder = resolve(rootDir ?? "", embeddingDirectory ?? "embeddings");
  const named = embeddingDirectory !== undefined || rootDir !== undefined;
  return named || existsSync(folder) ? folder : join(PACKAGE_ROOT, "configs", "embeddings");
}

/** A folder that nobody named need not be there. */
function missingEmbeddings(launch: LaunchValues): string[] {
  const path = embeddingsOf(launch);
  if (path === undefined || launch.embeddingDirectory === undefined || existsSync(path)) return [];
  return [`there are no embeddings: ${path} does not exist`];
}

async function usualModel(catalogue: ModelCatalogue, registry: Registry): Promise<{ name: string; notices: string[] }> {
  const last = await catalogue.lastModel();
  if (last === undefined) return { name: defaultModel(registry).name, notices: [] };
  try {
    await catalogue.find(last);
    return { name: last, notices: [] };
  } catch (error) {
    if (!(error instanceof DreamError)) throw error;
    return { name: defaultModel(registry).name, notices: [`the model used last cannot be used: ${error.message}`] };
  }
}

/** Where the platform keeps what can be deleted at any time. */
function defaultCacheFolder(environment: NodeJS.ProcessEnv): string {
  if (process.platform === "win32") return join(environment.LOCALAPPDATA ?? join(homedir(), "AppData", "Local"), APP.id);
  if (process.platform === "darwin") return join(homedir(), "Library", "Caches", APP.id);
  return join(environment.XDG_CACHE_HOME || join(homedir(), ".cache"), APP.id);
}
