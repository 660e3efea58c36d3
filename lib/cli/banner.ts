import type { LaunchValues } from "../options/table.js";
import { resolveSampler } from "../samplers/names.js";
import { APP } from "../version.js";

/** The first lines of the program. */
export function banner({ rootDir }: LaunchValues): string {
  const root = rootDir === undefined ? [] : [`>> ${APP.id} runtime directory is "${rootDir}"`];
  return ["* Initializing, be patient...", `>> ${APP.id}, version ${APP.version}`, ...root].join("\n");
}

/** What was set for every line and is easily forgotten. */
export function standingSettings({ sampler, seamless, noUpscale }: LaunchValues): string[] {
  const chosen = sampler === undefined ? [] : [`Setting Sampler to ${resolveSampler(sampler)}`];
  const tiling = seamless ? ["changed to seamless tiling mode"] : [];
  return [...chosen, ...tiling, ...(noUpscale ? ["Upscaling disabled"] : [])];
}
