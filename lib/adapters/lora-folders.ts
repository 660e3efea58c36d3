import { resolve } from "node:path";
import type { LaunchValues } from "../options/table.js";

/** Where LoRAs are looked for, absolute: what `--lora_directory` names, else `loras` below the root. */
export function loraFolders({ loraDirectory, rootDir }: Pick<LaunchValues, "loraDirectory" | "rootDir">): readonly string[] {
  return [resolve(rootDir ?? "", loraDirectory ?? "loras")];
}
