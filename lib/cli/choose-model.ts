import { homedir } from "node:os";
import { basename, join, resolve } from "node:path";
import { DreamError } from "../errors.js";
import { defaultModel, readRegistry, resolveModel } from "../models/registry.js";
import { resolveLine } from "../options/resolve.js";
import type { LaunchValues } from "../options/table.js";
import { PACKAGE_ROOT } from "../package-root.js";
import type { SessionModel } from "../repl/model-shelf.js";
import { APP } from "../version.js";
import { processorCores } from "./processor-cores.js";

/**
 * The model that `--model` names in the registry of `--config`: a registered name or a path; without `--model` the registry's default.
 *
 * @throws DreamError model/not-found, registry/unreadable, file/not-found
 */
export async function chooseModel(launch: LaunchValues, environment: NodeJS.ProcessEnv): Promise<SessionModel> {
  const registry = await readRegistry(launch.config === undefined ? join(PACKAGE_ROOT, "configs", "models.yaml") : resolve(launch.config));
  const { name, path, entry } = resolveModel(launch.model ?? defaultModel(registry).name, registry);
  const defaults = { width: entry?.width, height: entry?.height, steps: entry?.steps, sampler: entry?.sampler, cfgScale: entry?.cfgScale };
  checkDefaults(defaults, `${registry.path}: ${name}`);
  const { modelCache } = launch;
  return {
    // A path would make the recorded commands long and tell where the user keeps things.
    id: entry ? name : basename(path).replace(/\.safetensors$/i, ""),
    request: {
      path,
      config: entry?.config,
      vae: entry?.vae,
      memory: launch.memory ?? "auto",
      modelCache: modelCache === undefined ? defaultCacheFolder(environment) : modelCache === "off" ? "off" : resolve(modelCache),
      threads: launch.threads ?? processorCores(),
    },
    defaults,
    notices: registry.notices,
  };
}

/** What an entry prefers must be legal on a line. @throws DreamError registry/unreadable */
function checkDefaults(defaults: SessionModel["defaults"], origin: string): void {
  try {
    resolveLine({ prompt: "x" }, {}, { ...defaults, width: defaults.width ?? 512, height: defaults.height ?? 512 });
  } catch (error) {
    throw error instanceof DreamError ? new DreamError("registry/unreadable", `${origin}: ${error.message}`) : error;
  }
}

/** Where the platform keeps what can be deleted at any time. */
function defaultCacheFolder(environment: NodeJS.ProcessEnv): string {
  if (process.platform === "win32") return join(environment.LOCALAPPDATA ?? join(homedir(), "AppData", "Local"), APP.id);
  if (process.platform === "darwin") return join(homedir(), "Library", "Caches", APP.id);
  return join(environment.XDG_CACHE_HOME || join(homedir(), ".cache"), APP.id);
}
