import { existsSync } from "node:fs";
import { availableParallelism, homedir } from "node:os";
import { basename, join, resolve } from "node:path";
import { DreamError } from "../errors.js";
import type { LaunchValues } from "../options/table.js";
import type { SessionModel } from "../repl/session.js";
import { APP } from "../version.js";

/**
 * The model that `--model` names.
 *
 * @throws DreamError model/not-found
 */
export async function chooseModel(launch: LaunchValues, environment: NodeJS.ProcessEnv): Promise<SessionModel> {
  const path = resolve(launch.model ?? "");
  if (launch.model === undefined || !existsSync(path)) throw new DreamError("model/not-found", `there is no model ${launch.model}`);
  return {
    id: basename(path).replace(/\.safetensors$/, ""),
    request: {
      path,
      memory: launch.memory ?? "auto",
      modelCache: launch.modelCache ?? defaultCacheFolder(environment),
      threads: launch.threads ?? availableParallelism(),
    },
    defaults: {},
  };
}

/** Where the platform keeps what can be deleted at any time. */
function defaultCacheFolder(environment: NodeJS.ProcessEnv): string {
  if (process.platform === "win32") return join(environment.LOCALAPPDATA ?? join(homedir(), "AppData", "Local"), APP.id);
  if (process.platform === "darwin") return join(homedir(), "Library", "Caches", APP.id);
  return join(environment.XDG_CACHE_HOME || join(homedir(), ".cache"), APP.id);
}
