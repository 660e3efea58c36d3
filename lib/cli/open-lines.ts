import { constants, createReadStream } from "node:fs";
import { access, open, stat, writeFile } from "node:fs/promises";
import type { Readable } from "node:stream";
import { DreamError } from "../errors.js";
import { fileError } from "../json-file.js";

/** Bytes at the start of a file in which a NUL gives away that it is no text. */
const LOOKED_AT = 64 * 1024;

/**
 * The file of `--from_file`: anything that can be read line by line, pipes included.
 *
 * @throws DreamError file/not-found, file/unreadable
 */
export async function openLines(path: string): Promise<Readable> {
  let isPipe = false;
  try {
    const info = await stat(path);
    isPipe = info.isFIFO();
    if (info.isDirectory()) throw new DreamError("file/unreadable", `${path} is a folder, not a file of lines`);
    await access(path, constants.R_OK);
    // What is read from a pipe to look at it would be missing later.
    if (info.isFile() && (await isBinary(path))) throw new DreamError("file/unreadable", `${path} is not a text file`);
  } catch (error) {
    throw fileError(path, error);
  }
  const lines = createReadStream(path);
  // What breaks before somebody reads is told to whoever reads then.
  lines.on("error", () => {});
  if (isPipe) releaseWhenDestroyed(lines, path);
  return lines;
}

/** A named pipe into which nobody writes blocks the thread that opens or reads it, and so the end of the program: we write to it ourselves. */
function releaseWhenDestroyed(lines: Readable, path: string): void {
  const destroy = lines.destroy.bind(lines);
  const release = async () => {
    if ((await stat(path)).isFIFO()) await writeFile(path, "\n", { flag: constants.O_WRONLY | constants.O_NONBLOCK });
  };
  lines.destroy = (error) => {
    // Fails when there is nothing to release.
    if (!lines.readableEnded) release().catch(() => {});
    return destroy(error);
  };
}

async function isBinary(path: string): Promise<boolean> {
  const file = await open(path, "r");
  try {
    const { buffer, bytesRead } = await file.read(new Uint8Array(LOOKED_AT), 0, LOOKED_AT, 0);
    return buffer.subarray(0, bytesRead).includes(0);
  } finally {
    await file.close();
  }
}
