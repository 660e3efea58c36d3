import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { DEFAULT_OUTDIR } from "../options/resolve.js";
import { type LaunchValues, type Switch, switchesAt } from "../options/table.js";
import { ROOT_REGISTRY } from "./find-root.js";

/**
 * Makes the paths of launch switches that start at the root absolute, and gives those of registry and pictures their places there.
 *
 * @param root absolute
 * @returns the values, and what to tell
 */
export function placeBelowRoot(launch: LaunchValues, root: string): { launch: LaunchValues; notices: readonly string[] } {
  const placed: Record<string, unknown> = { ...launch, rootDir: root, outdir: launch.outdir || DEFAULT_OUTDIR };
  for (const { key, belowRoot } of switchesAt("launch") as readonly Switch[]) {
    const value = placed[key];
    if (belowRoot && typeof value === "string") placed[key] = resolve(root, value);
  }
  if (placed.config !== undefined) return { launch: placed, notices: [] };
  const registry = join(root, ROOT_REGISTRY);
  if (existsSync(registry)) return { launch: { ...placed, config: registry }, notices: [] };
  return { launch: placed, notices: [`${registry} does not exist; the models are those of this program`] };
}
