import { randomBytes } from "node:crypto";
import { access, link, open, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { errorCode, unwritable } from "./output-folder.js";
import { cutToBytes, MAX_NAME_BYTES } from "./safe-name.js";

/**
 * Writes a file that did not exist: nothing half-written ever has its final name, and no other process's file is ever replaced.
 *
 * The bytes go to a hidden file in the same folder, are flushed to the disk, and that file is then linked to its name, which fails when
 * the name is taken. File systems without links fall back to a look and a rename.
 *
 * @returns false when the name was taken
 * @throws DreamError output/unwritable when the folder cannot take it; nothing is left behind
 */
export async function writeNewFile(path: string, bytes: Uint8Array): Promise<boolean> {
  // Most taken names are seen here, before anything is written.
  if (await exists(path)) return false;
  // A name of the longest length has no room for more.
  const name = cutToBytes(basename(path), MAX_NAME_BYTES / 2);
  const temporary = join(dirname(path), `.${name}.${process.pid}-${randomBytes(4).toString("hex")}.tmp`);
  try {
    const file = await open(temporary, "wx");
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    return await giveName(temporary, path);
  } catch (error) {
    throw unwritable(path, error);
  } finally {
    await rm(temporary, { force: true });
  }
}

async function giveName(temporary: string, path: string): Promise<boolean> {
  try {
    await link(temporary, path);
    return true;
  } catch (error) {
    if (errorCode(error) === "EEXIST") return false;
    if (!["EPERM", "ENOTSUP", "ENOSYS", "EOPNOTSUPP", "EXDEV"].includes(errorCode(error))) throw error;
  }
  if (await exists(path)) return false;
  await rename(temporary, path);
  return true;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
