import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { DreamError } from "../../errors.js";
import { makeFolder } from "../../make-folder.js";

/**
 * Makes the folder if it is missing and checks that files can be made in it, before any time is spent on a picture.
 *
 * @throws DreamError output/unwritable
 */
export async function prepareOutputFolder(folder: string): Promise<void> {
  try {
    await makeFolder(folder);
    await access(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw unwritable(folder, error);
  }
}

const REASONS: { readonly [code: string]: string } = {
  EACCES: "you may not write there",
  EPERM: "you may not write there",
  EROFS: "the file system is read-only",
  ENOSPC: "the disk is full",
  EDQUOT: "your disk quota is used up",
  ENOTDIR: "a part of the path is a file",
  EISDIR: "it is a folder, not a file",
  EEXIST: "it is a file, not a folder",
  ENAMETOOLONG: "the name is too long",
  ENOENT: "there is no such folder and none can be made",
};

/** The sentence for a failed write. */
export function unwritable(path: string, cause: unknown): DreamError {
  if (cause instanceof DreamError) return cause;
  const reason = REASONS[errorCode(cause)] ?? (cause instanceof Error ? cause.message : String(cause));
  return new DreamError("output/unwritable", `cannot write ${path}: ${reason}`, { cause });
}

/** `ENOENT` and the like; "" for anything that is not a system error. */
export function errorCode(error: unknown): string {
  return typeof error === "object" && error !== null && "code" in error && typeof error.code === "string" ? error.code : "";
}
