import { lstat, readdir, realpath, rm } from "node:fs/promises";
import { dirname, extname, join, relative, sep } from "node:path";
import { DreamError } from "../../errors.js";
import { fileError, isJsonObject, readJsonObject } from "../../json-file.js";
import { PACKAGE_ROOT } from "../../package-root.js";
import type { Registry, RegistryEntry } from "./registry.js";

/** Files in a diffusers folder, at most. */
const MOST_FILES = 1000;
/** What the files of a model end in; anything else in its folder is somebody's own. */
const MODEL_FILES = [".json", ".txt", ".safetensors", ".bin", ".ckpt", ".model", ".onnx", ".onnx_data", ".pb", ".md", ".msgpack"];
const NAMED_FILES = ["LICENSE", "LICENSE.txt", ".gitattributes"];

/** Files of a model that may be deleted, found out before anything is. */
export interface Deletion {
  /** For example `/m/a.safetensors (2.1 GB)` or `/m/a with 12 files (4.3 GB)`. */
  readonly what: string;
  /** @throws DreamError file/unreadable */
  run(): Promise<void>;
}

/**
 * Finds out whether the files of a model may be deleted: one checkpoint or one diffusers folder without anything foreign in it, inside
 * a folder `models` of the registry or of the root, used by no other entry and not part of this program.
 *
 * @param folders absolute paths of the folders in which models may be deleted
 * @throws DreamError usage/line with the reason why they stay; file/not-found, file/unreadable
 */
export async function planDeletion(entry: RegistryEntry, registry: Registry, folders: readonly string[]): Promise<Deletion> {
  const { path } = entry;
  const stays = (reason: string) => new DreamError("usage/line", `the files of ${entry.name} stay: ${reason}`);
  const info = await lstat(path).catch((error: unknown) => {
    throw fileError(path, error);
  });
  if (info.isSymbolicLink()) throw stays(`${path} is a symbolic link`);
  const real = await realpath(path);
  const homes = await Promise.all(folders.map((folder) => realpath(folder).catch(() => folder)));
  if (!homes.some((home) => isBelow(home, real))) throw stays(`${path} does not lie in ${folders.join(" or ")}`);
  if (isBelow(join(PACKAGE_ROOT, "configs"), real)) throw stays(`${path} comes with this program`);
  const others = [...registry.entries.values(), ...registry.tools.values()].filter((other) => other.name !== entry.name);
  const sharing = others.find((other) => overlaps(other, path));
  if (sharing !== undefined) throw stays(`${sharing.name} uses them, too`);
  if (info.isFile()) {
    if (!/\.(safetensors|ckpt)$/i.test(path)) throw stays(`${path} is no checkpoint`);
    return { what: `${path} (${gigabytes(info.size)})`, run: () => remove(path) };
  }
  const files = await filesOfModel(path, stays);
  const bytes = (await Promise.all(files.map((file) => lstat(file)))).reduce((sum, { size }) => sum + size, 0);
  return { what: `the folder ${path} with its ${files.length} files (${gigabytes(bytes)})`, run: () => remove(path) };
}

function isBelow(folder: string, path: string): boolean {
  const below = relative(folder, path);
  return below !== "" && below !== ".." && !below.startsWith(`..${sep}`) && join(folder, below) === path;
}

function overlaps(other: Pick<RegistryEntry, "path" | "config" | "vae" | "previewDecoder">, path: string): boolean {
  return [other.path, other.config, other.vae, other.previewDecoder].some(
    (used) => used !== undefined && (used === path || isBelow(path, used) || isBelow(used, path)),
  );
}

/** Every file of a diffusers folder. @throws what `stays` makes when one is foreign */
async function filesOfModel(folder: string, stays: (reason: string) => DreamError): Promise<string[]> {
  const index = await readJsonObject(join(folder, "model_index.json"), "model/config").catch(() => undefined);
  if (!isJsonObject(index)) throw stays(`${folder} is no diffusers folder`);
  const names = await readdir(folder, { withFileTypes: true, recursive: true });
  if (names.length > MOST_FILES) throw stays(`${folder} holds more than ${MOST_FILES} files`);
  const files: string[] = [];
  for (const entry of names) {
    const path = join(entry.parentPath, entry.name);
    const [part = ""] = relative(folder, path).split(sep);
    const inPart = part !== entry.name && Object.hasOwn(index, part);
    const isTop = dirname(path) === folder;
    if (entry.isDirectory() && (inPart || (isTop && Object.hasOwn(index, part)))) continue;
    const isModelFile = MODEL_FILES.includes(extname(entry.name).toLowerCase()) || NAMED_FILES.includes(entry.name);
    if (!entry.isFile() || !isModelFile || !(inPart || isTop)) throw stays(`${path} does not belong to a model`);
    files.push(path);
  }
  return files;
}

async function remove(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new DreamError("file/unreadable", `${path} could not be deleted (${code})`, { cause: error });
  }
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(bytes < 1e8 ? 3 : 1)} GB`;
}
