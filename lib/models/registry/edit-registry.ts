import { randomBytes } from "node:crypto";
import { access, constants, lstat, open, readdir, realpath, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { DreamError } from "../../errors.js";
import { fileError } from "../../json-file.js";
import { parseYamlMapping, readYamlText } from "../read-yaml.js";
import { withFileLock } from "./file-lock.js";
import { parseRegistry, type Registry } from "./registry.js";
import { RegistryDraft } from "./registry-draft.js";

/**
 * Changes a registry: reads it as it is now, applies `edit`, and puts the new file in place of the old one in one step, so that nobody
 * ever sees half of it. Programs that edit at the same time wait for each other. A symbolic link keeps pointing to its file.
 *
 * @param path the YAML file
 * @param edit changes the draft; what it throws leaves the file as it is
 * @param accept sees the registry as it would be; what it throws leaves the file as it is
 * @returns what `accept` returns
 * @throws DreamError file/not-found, file/unreadable, registry/unreadable, registry/unwritable, registry/locked
 */
export async function editRegistryIf<Result>(
  path: string,
  edit: (draft: RegistryDraft) => void,
  accept: (edited: Registry) => Promise<Result>,
): Promise<Result> {
  const file = await checkRegistryWritable(path);
  try {
    return await withFileLock(file, async (lock) => {
      await removeLeftovers(file);
      const old = await readYamlText(file, "registry/unreadable");
      // What is no UTF-8 would not come back as it was.
      if (old.includes("\uFFFD")) throw new DreamError("registry/unwritable", `${path} holds characters that are not UTF-8`);
      parseRegistry(old, path);
      const text = applyEdit(old, path, edit);
      const result = await acceptEdited(text, path, accept);
      await replaceFile(file, text, lock.check);
      return result;
    });
  } catch (error) {
    throw unwritable(path, error);
  }
}

/** Changes a registry whatever comes of it. @returns the registry as it is afterwards @throws DreamError as `editRegistryIf` */
export function editRegistry(path: string, edit: (draft: RegistryDraft) => void): Promise<Registry> {
  return editRegistryIf(path, edit, async (edited) => edited);
}

/**
 * Finds out whether a registry may be written, before anybody answers questions about it.
 *
 * @returns the real path of the file
 * @throws DreamError file/not-found, file/unreadable, registry/unwritable
 */
export async function checkRegistryWritable(path: string): Promise<string> {
  const file = await realpath(path).catch((error: unknown) => {
    throw fileError(path, error);
  });
  try {
    // Renaming over a file asks for no permission of the file itself.
    if (((await stat(file)).mode & 0o222) === 0) throw readOnly(path, "the file is read-only");
    await access(file, constants.W_OK);
    await access(dirname(file), constants.W_OK | constants.X_OK);
    return file;
  } catch (error) {
    throw unwritable(path, error);
  }
}

/** A registry to look at as it is written. @throws DreamError file/not-found, file/unreadable, registry/unreadable */
export async function readRegistryDraft(path: string): Promise<RegistryDraft> {
  return new RegistryDraft(parseYamlMapping(await readYamlText(path, "registry/unreadable"), path, "registry/unreadable").document);
}

/**
 * A path as it is written into a registry: relative when it lies below the registry's folder, so that both can be moved together.
 *
 * @param registry absolute path of the YAML file
 * @param path absolute
 */
export async function pathForRegistry(registry: string, path: string): Promise<string> {
  const folder = dirname(resolve(registry));
  const below = relative(folder, path);
  const isBelow = below !== "" && below !== ".." && !below.startsWith(`..${sep}`) && resolve(folder, below) === path;
  // Behind a symbolic link the file has two folders.
  const isLinked = (await lstat(registry)).isSymbolicLink();
  return isBelow && !isLinked ? below.replaceAll(sep, "/") : path;
}

function applyEdit(old: string, path: string, edit: (draft: RegistryDraft) => void): string {
  const { document } = parseYamlMapping(old, path, "registry/unreadable");
  edit(new RegistryDraft(document));
  const indent = /^( {1,8})[^\s#]/m.exec(old)?.[1]?.length ?? 2;
  let text: string;
  try {
    text = document.toString({ lineWidth: 0, indent });
  } catch (error) {
    // An entry that others refer to by an alias was taken away.
    throw new DreamError("registry/unwritable", `${path} cannot be changed so: ${(error as Error).message}`, { cause: error });
  }
  return old.includes("\r\n") ? text.replaceAll(/\r?\n/g, "\r\n") : text;
}

/** What was written must be readable, or the next start would fail. */
async function acceptEdited<Result>(text: string, path: string, accept: (edited: Registry) => Promise<Result>): Promise<Result> {
  try {
    return await accept(parseRegistry(text, path));
  } catch (error) {
    const isUnreadable = error instanceof DreamError && error.code === "registry/unreadable";
    throw isUnreadable ? new DreamError("registry/unwritable", error.message, { cause: error }) : error;
  }
}

/** Writes under a temporary name in the same folder, forces it to the disk, renames. */
async function replaceFile(path: string, text: string, lastCheck: () => Promise<void>): Promise<void> {
  const temporary = `${path}.${process.pid}-${randomBytes(4).toString("hex")}.tmp`;
  const { mode, uid, gid } = await stat(path);
  try {
    const file = await open(temporary, "wx", mode & 0o777);
    try {
      await file.writeFile(text);
      // The mode that `open` was given lost what the process's mask forbids.
      await file.chmod(mode & 0o777);
      // Only a privileged process may give files away; for the others the owner is the same already or cannot be.
      await file.chown(uid, gid).catch(() => {});
      await file.sync();
    } finally {
      await file.close();
    }
    await lastCheck();
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(dirname(path));
}

/** Removes what a program that was killed while writing left behind; under the lock nobody else is writing. */
async function removeLeftovers(path: string): Promise<void> {
  const isLeftover = (name: string) => name.startsWith(`${basename(path)}.`) && /\.\d+-[\da-f]{8}\.tmp$/.test(name);
  const names = await readdir(dirname(path));
  await Promise.all(names.filter(isLeftover).map((name) => rm(join(dirname(path), name), { force: true })));
}

/** Makes the rename survive a power failure, where folders can be opened. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r").catch(() => undefined);
  await handle?.sync().catch(() => {});
  await handle?.close();
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: "you may not write there",
  EPERM: "you may not write there",
  EROFS: "the file system is read-only",
  ENOSPC: "the disk is full",
  EDQUOT: "your disk quota is used up",
};

function unwritable(path: string, error: unknown): DreamError {
  if (error instanceof DreamError) return error;
  const { code = "", message } = error as NodeJS.ErrnoException;
  const reason = REASONS[code];
  return reason === undefined
    ? new DreamError("registry/unwritable", `${path} cannot be written: ${message}`, { cause: error })
    : readOnly(path, reason, error);
}

function readOnly(path: string, reason: string, cause?: unknown): DreamError {
  return new DreamError("registry/unwritable", `${path} cannot be written: ${reason}; give another registry with --config`, { cause });
}
