import { readdir, realpath, stat } from "node:fs/promises";
import { extname, join } from "node:path";
import { fileError } from "../../json-file.js";
import { EMBEDDING_ENDINGS } from "./embedding-file.js";

/** Folders in folders that are looked into. */
const DEEPEST = 8;
/** Files and folders that are looked at. */
const MOST_LOOKED_AT = 20_000;
/** Embeddings that one session offers. */
const MOST_FILES = 2000;
/** Bytes; 75 vectors of the largest model have 0.3 MB, and training programs put some of their own beside them. */
const LARGEST = 64 * 1024 * 1024;

/** A file that may hold embeddings. */
export interface EmbeddingPlace {
  readonly path: string;
  /** Changes when the file does. */
  readonly stamp: string;
}

export interface FoundEmbeddings {
  readonly places: readonly EmbeddingPlace[];
  /** Sentences about what was not looked at. */
  readonly notices: readonly string[];
}

/**
 * Lists the files below a folder that may hold embeddings, in the order of their paths; hidden ones are left out. A file stands for itself.
 * Nothing is found where there is no such folder.
 *
 * @param root absolute path of a folder or of one file
 */
export async function findEmbeddingFiles(root: string): Promise<FoundEmbeddings> {
  const places: EmbeddingPlace[] = [];
  const notices: string[] = [];
  const folders = [{ folder: root, depth: 0 }];
  const seen = new Set<string>();
  let looked = 0;
  const visit = async (path: string, depth: number): Promise<void> => {
    const info = await stat(path).catch(() => undefined);
    if (info?.isDirectory()) {
      if (depth <= DEEPEST) folders.push({ folder: path, depth });
      else notices.push(`${path} is not looked into: it lies deeper than ${DEEPEST} levels`);
      return;
    }
    if (!info?.isFile() || !EMBEDDING_ENDINGS.includes(extname(path).toLowerCase())) return;
    if (info.size > LARGEST) notices.push(`${path} is not used: it has ${info.size} bytes, more than any embedding`);
    else places.push({ path, stamp: `${path} ${info.size} ${info.mtimeMs}` });
  };
  const info = await stat(root).catch(() => undefined);
  if (info === undefined) return { places, notices };
  if (!info.isDirectory()) {
    await visit(root, 0);
    if (places.length + notices.length === 0) notices.push(`${root} is not used: an embedding is a ${EMBEDDING_ENDINGS.join(", ")} file`);
    return { places, notices };
  }
  for (const { folder, depth } of folders) {
    // Symbolic links may lead back to where we came from.
    const real = await realpath(folder).catch(() => folder);
    if (seen.has(real)) continue;
    seen.add(real);
    const names = await readdir(folder).catch((error: unknown) => {
      notices.push(fileError(folder, error).message);
      return [];
    });
    for (const name of names.filter((name) => !name.startsWith(".")).sort()) {
      if (++looked > MOST_LOOKED_AT || places.length === MOST_FILES) {
        notices.push(`${root} holds more than ${MOST_FILES} embeddings or ${MOST_LOOKED_AT} files; the rest is not used`);
        return { places, notices };
      }
      await visit(join(folder, name), depth + 1);
    }
  }
  return { places, notices };
}
