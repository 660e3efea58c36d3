import { existsSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { DreamError } from "../errors.js";
import { fileError } from "../json-file.js";
import { INIT_FILE } from "./init-file.js";

/** Where the registry of a root is. */
export const ROOT_REGISTRY = join("configs", "models.yaml");

/**
 * The folder that holds configs, models and outputs: what `--root_dir` names, else `INVOKEAI_ROOT`, else the parent of an active virtual
 * environment that was made by InvokeAI's installer, else InvokeAI's usual place.
 *
 * @param given of `--root_dir`
 * @returns an absolute path; undefined when there is no root and the program's own defaults count
 * @throws DreamError file/not-found, file/unreadable when what was named is no folder
 */
export function findRoot(given: string | undefined, environment: NodeJS.ProcessEnv, home: string): string | undefined {
  if (given !== undefined) return existingRoot(given, "--root_dir");
  if (environment.INVOKEAI_ROOT) return existingRoot(environment.INVOKEAI_ROOT, "INVOKEAI_ROOT");
  const parent = environment.VIRTUAL_ENV ? dirname(resolve(environment.VIRTUAL_ENV)) : undefined;
  if (parent !== undefined && existsSync(join(parent, INIT_FILE))) return parent;
  const usual = join(home, "invokeai");
  return existsSync(join(usual, INIT_FILE)) || existsSync(join(usual, ROOT_REGISTRY)) ? usual : undefined;
}

/** @throws DreamError as `findRoot` */
export function existingRoot(path: string, origin: string): string {
  const root = resolve(path);
  try {
    if (statSync(root).isDirectory()) return root;
  } catch (error) {
    throw fileError(`the root folder ${root} (${origin})`, error);
  }
  throw new DreamError("file/unreadable", `the root ${root} (${origin}) is not a folder`);
}
