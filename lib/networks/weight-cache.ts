import { createHash } from "node:crypto";
import { open, readdir, rename, rm, stat, statfs, utimes } from "node:fs/promises";
import { join } from "node:path";
import { openSafetensors } from "../checkpoints/safetensors.js";
import type { TensorRef, WeightSource } from "../checkpoints/tensor.js";
import { makeFolder } from "../make-folder.js";
import { ONNXRUNTIME_VERSION } from "../onnx/session.js";
import { computedBytes, computedShape, computeWeights } from "./kernel-store.js";
import type { WeightRequest } from "./weight-reader.js";

/** What the cache may take on the disk, over all models; the entry that was not used for the longest time goes first. */
const LIMIT_BYTES = 24e9;
/** Changes when the meaning of an entry changes. */
const FORMAT = 1;

/**
 * Per-machine cache of weights in the form that graphs multiply with: widened to fp32, kernels transformed. An entry is a folder of
 * ordinary .safetensors files that the runtime maps into memory, so a later load copies nothing. Any of it may be deleted at any time.
 *
 * The key holds the files' identity (path, size, time, samples of the content), the processor architecture and the runtime's version: a
 * changed file never meets a stale entry.
 */
export class WeightCache {
  private constructor(
    private readonly root: string,
    private readonly entry: string,
  ) {}

  /**
   * @param root folder of the cache; made when needed
   * @param files everything the model's weights are read from
   */
  static async open(root: string, files: readonly string[]): Promise<WeightCache> {
    const hash = createHash("sha256").update(`${FORMAT} ${process.arch} ${ONNXRUNTIME_VERSION}`);
    for (const file of files) hash.update(await fileIdentity(file));
    return new WeightCache(root, join(root, hash.digest("hex").slice(0, 32)));
  }

  /**
   * A source that answers the requests from the cache, filling it first where something is missing.
   * @param network name of the part of the model; its files carry it
   * @returns undefined when there is no room on the disk; nothing is left behind then
   */
  async provide(
    network: string,
    source: WeightSource,
    requests: readonly WeightRequest[],
    threads: number,
  ): Promise<WeightSource | undefined> {
    await makeFolder(this.entry, 0o700);
    let cached = await this.#read(network);
    const missing = requests.filter((request) => !cached.has(request.name));
    if (missing.length > 0) {
      const bytes = missing.reduce((sum, request) => sum + computedBytes(request), 0);
      if (!(await this.#makeRoom(bytes))) return undefined;
      await this.#write(network, source, missing, threads);
      cached = await this.#read(network);
    }
    const now = new Date();
    await utimes(this.entry, now, now);
    return {
      folder: this.entry,
      origin: source.origin,
      keys: () => [],
      // An original is only looked up for its shape: kernels with deltas are computed and fed.
      get: (key) => cached.get(key) ?? source.get(key),
    };
  }

  async #read(network: string): Promise<Map<string, TensorRef>> {
    const tensors = new Map<string, TensorRef>();
    for (const name of await readdir(this.entry)) {
      if (!name.startsWith(`${network}-`) || !name.endsWith(".safetensors")) continue;
      const path = join(this.entry, name);
      try {
        for (const [key, ref] of (await openSafetensors(path)).tensors) tensors.set(key, ref);
      } catch {
        // Somebody damaged or shortened the file: it is made anew.
        await rm(path, { force: true });
      }
    }
    return tensors;
  }

  async #write(network: string, source: WeightSource, requests: readonly WeightRequest[], threads: number): Promise<void> {
    const names = createHash("sha256").update(requests.map(({ name }) => name).join("\n"));
    const path = join(this.entry, `${network}-${names.digest("hex").slice(0, 12)}.safetensors`);
    const temporary = `${path}.${process.pid}.tmp`;
    await this.#removeLeftovers();
    const file = await open(temporary, "w", 0o600);
    try {
      await file.write(safetensorsHeader(requests));
      for await (const [, { data }] of computeWeights(requests, source, threads)) {
        await file.writeFile(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
      }
      await file.datasync();
      await file.close();
      await rename(temporary, path);
    } catch (error) {
      await file.close().catch(() => undefined);
      await rm(temporary, { force: true });
      throw error;
    }
  }

  /** Removes what programs that were killed while writing left: it may be gigabytes. The cache belongs to one machine. */
  async #removeLeftovers(): Promise<void> {
    for (const name of await readdir(this.entry)) {
      const writer = /\.(\d{1,10})\.tmp$/.exec(name)?.[1];
      if (writer !== undefined && !isAlive(Number(writer))) await rm(join(this.entry, name), { force: true });
    }
  }

  /** Deletes other models' entries until `bytes` fit under the limit. */
  async #makeRoom(bytes: number): Promise<boolean> {
    const disk = await statfs(this.root);
    if (disk.bavail * disk.bsize < bytes * 1.2 || bytes > LIMIT_BYTES) return false;
    const entries = await Promise.all((await readdir(this.root)).map((name) => describeEntry(join(this.root, name))));
    let total = entries.reduce((sum, entry) => sum + entry.bytes, 0);
    for (const entry of entries.sort((a, b) => a.used - b.used)) {
      if (total + bytes <= LIMIT_BYTES) break;
      if (entry.path === this.entry) continue;
      await rm(entry.path, { recursive: true, force: true });
      total -= entry.bytes;
    }
    return true;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: somebody else's process, which lives.
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}

async function describeEntry(path: string): Promise<{ path: string; bytes: number; used: number }> {
  const { mtimeMs } = await stat(path);
  const sizes = await Promise.all((await readdir(path)).map(async (name) => (await stat(join(path, name))).size));
  return { path, bytes: sizes.reduce((sum, size) => sum + size, 0), used: mtimeMs };
}

/** Path, size, times and 64 samples of the content. */
async function fileIdentity(path: string): Promise<string> {
  const { size, mtimeMs, ino } = await stat(path);
  const hash = createHash("sha256");
  const file = await open(path, "r");
  try {
    const sample = new Uint8Array(4096);
    for (let part = 0; part < 64; part++) {
      const { bytesRead } = await file.read(sample, 0, sample.length, Math.floor((size * part) / 64));
      hash.update(sample.subarray(0, bytesRead));
    }
  } finally {
    await file.close();
  }
  return `${path}\n${size} ${mtimeMs} ${ino} ${hash.digest("hex")}\n`;
}

/** Length and JSON header of a .safetensors file (https://github.com/huggingface/safetensors#format), padded to 64 bytes. */
function safetensorsHeader(requests: readonly WeightRequest[]): Uint8Array {
  let at = 0;
  const entries = requests.map((request) => {
    const from = at;
    at += computedBytes(request);
    const dtype = request.form === "im2col-half" ? "F16" : "F32";
    return [request.name, { dtype, shape: computedShape(request), data_offsets: [from, at] }] as const;
  });
  const json = Buffer.from(JSON.stringify(Object.fromEntries(entries)));
  const padded = Math.ceil((json.length + 8) / 64) * 64 - 8;
  const header = Buffer.alloc(8 + padded, " ");
  header.writeBigUInt64LE(BigInt(padded), 0);
  json.copy(header, 8);
  return header;
}
