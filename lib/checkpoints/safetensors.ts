import { open, realpath, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { DreamError } from "../errors.js";
import { fileError, isJsonObject, readJsonObject } from "../json-file.js";
import { headerLength, LENGTH_BYTES, parseSafetensorsHeader, type SafetensorsHeader } from "./safetensors-header.js";
import type { TensorRef, WeightSource } from "./tensor.js";
import { weightSource } from "./weight-source.js";

/** An opened .safetensors file: its header is in memory, its tensors are still on disk. */
export interface SafetensorsFile extends SafetensorsHeader {
  /** As given. */
  readonly path: string;
  /** Bytes of the whole file. */
  readonly size: number;
}

/** An index of shards lists keys and file names only; full-size models have some 100 kB. */
const INDEX_LIMIT = 16 * 1024 * 1024;

/**
 * Reads and validates the header of a .safetensors file. No tensor bytes are read. The references carry the real path: model hubs
 * keep weights behind symbolic links, which onnxruntime refuses for external data.
 * @throws DreamError file/not-found, file/unreadable, safetensors/header, safetensors/truncated
 */
export async function openSafetensors(path: string): Promise<SafetensorsFile> {
  try {
    const file = await realpath(path);
    // Before it is opened: opening a named pipe would wait for somebody to write into it.
    if (!(await stat(file)).isFile()) throw new DreamError("file/unreadable", `${path} is not a regular file`);
    const handle = await open(file, "r");
    try {
      const info = await handle.stat();
      const prefix = new Uint8Array(Math.min(LENGTH_BYTES, info.size));
      await readFully(handle, prefix, 0, path);
      const header = new Uint8Array(headerLength(prefix, info.size, path));
      await readFully(handle, header, LENGTH_BYTES, path);
      return { path, size: info.size, ...parseSafetensorsHeader(header, info.size, path, file) };
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw fileError(path, error);
  }
}

interface PositionedReader {
  read(buffer: Uint8Array, offset: number, length: number, position: number): Promise<{ bytesRead: number }>;
}

/** Fills `target` from `position` on. @throws DreamError safetensors/truncated when the file ends earlier than it did a moment ago */
export async function readFully(handle: PositionedReader, target: Uint8Array, position: number, path: string): Promise<void> {
  for (let done = 0; done < target.byteLength; ) {
    // One read call transfers at most 2 GiB.
    const length = Math.min(target.byteLength - done, 0x4000_0000);
    const { bytesRead } = await handle.read(target, done, length, position + done);
    if (bytesRead === 0) throw new DreamError("safetensors/truncated", `${path} ends at byte ${position + done}, inside a tensor`);
    done += bytesRead;
  }
}

/**
 * The tensors of a model that is split over several files, by its `*.safetensors.index.json`.
 * @throws DreamError model/config for a bad index, model/missing-file, weights/missing-key when a shard lacks a listed tensor, and as
 * openSafetensors
 */
export async function openShardedSource(indexPath: string): Promise<WeightSource> {
  const { weight_map: weightMap } = await readJsonObject(indexPath, "model/config", INDEX_LIMIT);
  if (!isJsonObject(weightMap)) throw new DreamError("model/config", `${indexPath} has no weight_map`);
  const shards = new Map<string, SafetensorsFile>();
  const refs = new Map<string, TensorRef>();
  for (const [key, name] of Object.entries(weightMap)) {
    // A shard lies beside its index; anything with a path in it could point out of the model's folder.
    if (typeof name !== "string" || !/^[\w.-]+\.safetensors$/.test(name)) {
      throw new DreamError("model/config", `${indexPath}: ${JSON.stringify(name)} is not the name of a .safetensors file`);
    }
    const shard = shards.get(name) ?? (await openShard(join(dirname(indexPath), name), indexPath));
    shards.set(name, shard);
    const ref = shard.tensors.get(key);
    if (ref === undefined) throw new DreamError("weights/missing-key", `${shard.path} lacks ${JSON.stringify(key)}, which the index lists`);
    refs.set(key, ref);
  }
  return weightSource(indexPath, refs);
}

async function openShard(path: string, indexPath: string): Promise<SafetensorsFile> {
  try {
    return await openSafetensors(path);
  } catch (error) {
    if (!(error instanceof DreamError) || error.code !== "file/not-found") throw error;
    throw new DreamError("model/missing-file", `${path}, listed in ${indexPath}, does not exist`, { cause: error });
  }
}
