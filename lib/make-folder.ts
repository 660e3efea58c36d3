import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Makes a folder and those above it; one that exists is fine. Unlike `mkdir` with `recursive`, which in Node 20 never comes back from
 * places where no folder can be made although the one above is there (`/proc`).
 *
 * @param mode permissions of the folders that are made
 * @throws the system's error, with its code
 */
export async function makeFolder(folder: string, mode = 0o777): Promise<void> {
  const first = await tryToMake(folder, mode);
  if (first === undefined) return;
  const parent = dirname(folder);
  if (first.code !== "ENOENT" || parent === folder) throw first;
  await makeFolder(parent, mode);
  const second = await tryToMake(folder, mode);
  if (second !== undefined) throw second;
}

/** @returns why there is no folder of that name now */
async function tryToMake(folder: string, mode: number): Promise<NodeJS.ErrnoException | undefined> {
  try {
    await mkdir(folder, { mode });
    return undefined;
  } catch (error) {
    const isThere = await stat(folder).then(
      (info) => info.isDirectory(),
      () => false,
    );
    return isThere ? undefined : (error as NodeJS.ErrnoException);
  }
}
