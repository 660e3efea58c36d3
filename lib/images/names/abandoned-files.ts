import { rm, stat } from "node:fs/promises";
import { join } from "node:path";

/** Names of files that exist for the time of a write (`new-file.ts`, `intermediates.ts`) or of a command (`prefix-claim.ts`), and no others. */
const PASSING = /^\.(?:.+\.\d+-[\da-f]{8}\.tmp|\d+\.claim)$/;
/** In milliseconds. Nothing of ours takes so long, also not on another computer that shares the folder. */
const ABANDONED = 24 * 60 * 60 * 1000;

/**
 * Removes what killed programs left in a folder of pictures a day ago or earlier. What cannot be looked at or removed stays.
 *
 * @param names what the folder holds
 */
export async function removeAbandoned(folder: string, names: readonly string[]): Promise<void> {
  for (const name of names.filter((candidate) => PASSING.test(candidate))) {
    const path = join(folder, name);
    const info = await stat(path).catch(() => undefined);
    if (info?.isFile() && Date.now() - info.mtimeMs > ABANDONED) await rm(path, { force: true }).catch(() => {});
  }
}
