import { join } from "node:path";
import { MOST_OFFERED, readFolder } from "./read-folder.js";

/** Folders in folders that are looked into. */
const DEEPEST = 4;

/**
 * The names of files without their endings, in a folder and the folders below it; each name once, sorted.
 *
 * @param folder nothing is found when it is not there
 * @param endings lower case, with the dot
 */
export async function fileStems(folder: string, endings: readonly string[]): Promise<string[]> {
  const stems = new Set<string>();
  const look = async (place: string, depth: number): Promise<void> => {
    for (const { name, isFolder } of await readFolder(place, { start: "", endings })) {
      if (stems.size >= MOST_OFFERED) return;
      if (!isFolder) stems.add(name.slice(0, name.lastIndexOf(".")));
      else if (depth < DEEPEST) await look(join(place, name), depth + 1);
    }
  };
  await look(folder, 1);
  return [...stems].sort();
}
