import { join, resolve } from "node:path";
import type { LaunchValues } from "../options/table.js";
import { PACKAGE_ROOT } from "../package-root.js";

/**
 * Where LoRAs are looked for, absolute, the first place first: what `--lora_directory` names, else `loras` below the root; without a root
 * `loras` in the working folder, then those that come with the program.
 */
export function loraFolders({ loraDirectory, rootDir }: Pick<LaunchValues, "loraDirectory" | "rootDir">): readonly string[] {
  const folder = resolve(rootDir ?? "", loraDirectory ?? "loras");
  return loraDirectory === undefined && rootDir === undefined ? [folder, join(PACKAGE_ROOT, "configs", "loras")] : [folder];
}
