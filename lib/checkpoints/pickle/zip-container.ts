import { DreamError } from "../../errors.js";
import { inflateEntry } from "./inflate-entry.js";
import { readPickle } from "./pickle-machine.js";
import { LARGEST_PICKLE, type StoragePlace } from "./place-tensors.js";
import { storageFromId } from "./storage-id.js";
import type { PickledValue } from "./values.js";
import { type FileReader, readZipDirectory, type ZipData } from "./zip-directory.js";

/**
 * A file by `torch.save` since 1.6: an archive in which `NAME/data.pkl` is the pickle and `NAME/data/KEY` the bytes of each storage.
 * @throws DreamError pickle/format, pickle/code
 */
export async function readZipContainer(
  file: FileReader,
): Promise<{ readonly value: PickledValue; readonly storages: ReadonlyMap<string, StoragePlace> }> {
  const entries = await readZipDirectory(file);
  const pickles = [...entries.keys()].filter((name) => /^[^/]*\/data\.pkl$/.test(name) || name === "data.pkl");
  const [name] = pickles;
  if (name === undefined || pickles.length > 1) {
    throw new DreamError("pickle/format", `${file.path} is an archive with ${pickles.length} data.pkl, not a file of tensors by torch`);
  }
  const folder = name.slice(0, -"data.pkl".length);
  await refuseBigEndian(file, entries.get(`${folder}byteorder`));

  const storages = new Map<string, StoragePlace>();
  const { value } = readPickle(await contents(file, entries.get(name) as ZipData), file.path, (id) => {
    const storage = storageFromId(id);
    if (storage === undefined) return undefined;
    const data = entries.get(`${folder}data/${storage.key}`);
    if (data === undefined)
      throw new DreamError("pickle/format", `${file.path} lacks the data of a tensor (data/${storage.key.slice(0, 60)})`);
    storages.set(storage.key, {
      offset: data.offset,
      bytes: data.entry.bytes,
      ...(data.entry.deflated && { deflatedBytes: data.entry.storedBytes }),
    });
    return storage;
  });
  return { value, storages };
}

async function contents(file: FileReader, { entry, offset }: ZipData): Promise<Uint8Array> {
  if (entry.bytes > LARGEST_PICKLE) {
    throw new DreamError("pickle/format", `${file.path} holds a pickle of ${entry.bytes} bytes; at most ${LARGEST_PICKLE} are read`);
  }
  const stored = await file.read(offset, entry.storedBytes);
  return entry.deflated ? inflateEntry(stored, entry.bytes, file.path) : stored;
}

async function refuseBigEndian(file: FileReader, data: ZipData | undefined): Promise<void> {
  if (data === undefined || data.entry.bytes > 16) return;
  const order = new TextDecoder("latin1").decode(await contents(file, data)).trim();
  if (order !== "little")
    throw new DreamError("pickle/format", `${file.path} was written by a machine of another byte order (${JSON.stringify(order)})`);
}
