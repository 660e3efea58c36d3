import { readFile, stat } from "node:fs/promises";
import { DreamError, type ErrorCode } from "./errors.js";

/** A parsed JSON object; values are unknown until a reader has looked at them. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Configuration files are a few kB; nothing that we parse whole may be larger unless the caller says so. */
const DEFAULT_LIMIT = 1024 * 1024;

/** True for `{…}`: not null, not an array. */
export function isJsonObject(value: unknown): value is JsonObject {
  return isObject(value) && !Array.isArray(value);
}

/** Configuration files nest three or four levels deep. */
const DEEPEST = 64;

/**
 * Reads a small text file whole.
 * @param limit largest size in bytes that is accepted
 * @param code error code when the file is too large
 * @throws DreamError file/not-found, file/unreadable, or `code`
 */
export async function readBoundedText(path: string, limit: number, code: ErrorCode): Promise<string> {
  try {
    const info = await stat(path);
    if (info.isDirectory()) throw new DreamError("file/unreadable", `${path} is a folder, not a file`);
    // Opening a named pipe would wait for somebody to write into it.
    if (!info.isFile()) throw new DreamError("file/unreadable", `${path} is not a regular file`);
    if (info.size > limit) throw new DreamError(code, `${path} has ${info.size} bytes; at most ${limit} are read`);
    return await readFile(path, "utf8");
  } catch (error) {
    throw fileError(path, error);
  }
}

/**
 * Reads a JSON file whose top level is an object.
 * @throws DreamError file/not-found, file/unreadable, or `code` when it is too large, not JSON or not an object
 */
export async function readJsonObject(path: string, code: ErrorCode, limit = DEFAULT_LIMIT): Promise<JsonObject> {
  const text = await readBoundedText(path, limit, code);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new DreamError(code, `${path} is not valid JSON`);
  }
  if (!isJsonObject(value)) throw new DreamError(code, `${path} does not hold a JSON object`);
  if (isDeeperThan(value, DEEPEST)) throw new DreamError(code, `${path} nests deeper than ${DEEPEST} levels`);
  return value;
}

/** Whatever walks through a value by recursion would run out of stack on one that is too deep. */
export function isDeeperThan(value: unknown, levels: number): boolean {
  return isObject(value) && (levels === 0 || Object.values(value).some((inner) => isDeeperThan(inner, levels - 1)));
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** Turns what the file system throws into a sentence about `path`; a DreamError passes through. */
export function fileError(path: string, error: unknown): DreamError {
  if (error instanceof DreamError) return error;
  const code = isObject(error) && "code" in error ? String(error.code) : "";
  if (code === "ENOENT" || code === "ENOTDIR") return new DreamError("file/not-found", `${path} does not exist`, { cause: error });
  const reason =
    { EACCES: "permission denied", EPERM: "permission denied", EISDIR: "it is a folder", ELOOP: "its symbolic links form a circle" }[
      code
    ] ??
    (code || String(error));
  return new DreamError("file/unreadable", `${path} cannot be read: ${reason}`, { cause: error });
}
