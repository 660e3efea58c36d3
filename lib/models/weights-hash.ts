import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile, rename, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { makeFolder } from "../make-folder.js";

/** Above this many bytes a hash is only made where it can be kept: reading 4 GB costs seconds at every start. */
const LARGEST_UNKEPT = 512e6;

/**
 * Identifies a model's weights in metadata: sha256 over the bytes of its weight files in the order given, which for a single file is the
 * file's own sha256.
 * @param files absolute paths
 * @param cache folder of the per-machine cache, or "off"
 * @returns hex, or "NOHASH" for a large model without a cache
 */
export async function weightsHash(files: readonly string[], cache: string): Promise<string> {
  const facts = await Promise.all(files.map(async (file) => ({ file, ...(await sizeAndTime(file)) })));
  const key = createHash("sha256").update(JSON.stringify(facts)).digest("hex");
  const kept = join(cache, "hashes", key);
  if (cache !== "off") {
    const known = await readFile(kept, "utf8").catch(() => "");
    if (/^[0-9a-f]{64}$/.test(known)) return known;
  } else if (facts.reduce((sum, { bytes }) => sum + bytes, 0) > LARGEST_UNKEPT) {
    return "NOHASH";
  }
  const hash = createHash("sha256");
  for (const file of files) for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) hash.update(chunk);
  const hex = hash.digest("hex");
  if (cache !== "off") await keep(join(cache, "hashes"), kept, hex);
  return hex;
}

async function sizeAndTime(file: string): Promise<{ bytes: number; modified: number }> {
  const { size, mtimeMs } = await stat(file);
  return { bytes: size, modified: mtimeMs };
}

/** A cache that cannot be written costs time at the next start and nothing else. */
async function keep(folder: string, path: string, hex: string): Promise<void> {
  try {
    await makeFolder(folder);
    const unfinished = `${path}.tmp-${process.pid}`;
    await writeFile(unfinished, hex);
    await rename(unfinished, path);
  } catch {}
}
