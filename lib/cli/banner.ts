import type { LaunchValues } from "../options/table.js";
import { resolveSampler } from "../samplers/names.js";
import { APP } from "../version.js";

/** The first lines of the program. */
export function banner({ rootDir }: LaunchValues): string {
  const root = rootDir === undefined ? [] : [`>> ${APP.id} runtime directory is "${rootDir}"`];
  return ["* Initializing, be patient...", `>> ${APP.id}, version ${APP.version}`, ...root].join("\n");
}

/** What was set for every line and is easily forgotten. */
export function standingSettings({ sampler, seamless, noUpscale, noRestore }: LaunchValues): string[] {
  const chosen = sampler === undefined ? [] : [`Setting Sampler to ${resolveSampler(sampler)}`];
  const tiling = seamless ? ["changed to seamless tiling mode"] : [];
  const disabled = [...(noRestore ? ["face restoration"] : []), ...(noUpscale ? ["upscaling"] : [])].join(" and ");
  return [...chosen, ...tiling, ...(disabled === "" ? [] : [`${disabled[0]?.toUpperCase()}${disabled.slice(1)} disabled`])];
}
