import { DreamError } from "../../errors.js";
import { DTYPE_BYTES } from "../tensor.js";
import { readPickle } from "./pickle-machine.js";
import { LARGEST_PICKLE, type StoragePlace } from "./place-tensors.js";
import { storageFromId } from "./storage-id.js";
import { PickledName, type PickledStorage, type PickledValue } from "./values.js";
import type { FileReader } from "./zip-directory.js";

/** The first pickle of such a file holds nothing else. */
const MAGIC = 0x1950a86a20f9469cfc6cn;
const PROTOCOL = 1001;
/** In front of each storage stands how many elements it has. */
const COUNT_BYTES = 8;

/**
 * A file by `torch.save` before 1.6 (and since, on request): pickles of a magic number, a version, facts about the machine, the value and the
 * list of its storages, then the bytes of each of them in that order.
 * @throws DreamError pickle/format, pickle/code
 */
export async function readLegacy(
  file: FileReader,
): Promise<{ readonly value: PickledValue; readonly storages: ReadonlyMap<string, StoragePlace> }> {
  const { path } = file;
  const bytes = await file.read(0, Math.min(file.size, LARGEST_PICKLE));
  if (bytes[0] !== 0x80) throw new DreamError("pickle/format", `${path} is no file of tensors by torch`);
  let end = 0;
  const found = new Map<string, PickledStorage>();
  const next = (): PickledValue => {
    const pickle = readPickle(
      bytes,
      path,
      (id) => {
        // A class of networks, beside which its program text lies.
        if (Array.isArray(id) && id[0] === "module" && id[1] instanceof PickledName) return id[1];
        const storage = storageFromId(id);
        if (storage !== undefined) found.set(storage.key, storage);
        return storage;
      },
      end,
    );
    end = pickle.end;
    return pickle.value;
  };
  if (next() !== MAGIC) throw new DreamError("pickle/format", `${path} is a pickle, but no file of tensors by torch`);
  const protocol = next();
  if (protocol !== PROTOCOL) throw new DreamError("pickle/format", `${path} has an unknown version of torch's files, not ${PROTOCOL}`);
  const machine = next();
  if (machine instanceof Map && machine.get("little_endian") === false) {
    throw new DreamError("pickle/format", `${path} was written by a machine of another byte order`);
  }
  const value = next();
  const keys = next();
  if (!Array.isArray(keys)) throw new DreamError("pickle/format", `${path} has no list of its tensors' data`);
  return { value, storages: await placeStorages(file, keys, found, end) };
}

async function placeStorages(
  file: FileReader,
  keys: readonly PickledValue[],
  found: ReadonlyMap<string, PickledStorage>,
  start: number,
): Promise<Map<string, StoragePlace>> {
  const places = new Map<string, StoragePlace>();
  let position = start;
  for (const key of keys) {
    const storage = typeof key === "string" || typeof key === "number" ? found.get(String(key)) : undefined;
    if (storage === undefined || places.has(storage.key))
      throw new DreamError("pickle/format", `${file.path} lists the data of tensors that it does not have`);
    const offset = position + COUNT_BYTES;
    const bytes = storage.elements * (storage.dtype === undefined ? 1 : DTYPE_BYTES[storage.dtype]);
    if (offset + bytes > file.size) {
      throw new DreamError(
        "pickle/format",
        `${file.path} has ${file.size} bytes but its tensors need ${offset + bytes}, as after a download that was cut short`,
      );
    }
    const count = new DataView((await file.read(position, COUNT_BYTES)).buffer).getBigUint64(0, true);
    if (count !== BigInt(storage.elements))
      throw new DreamError("pickle/format", `${file.path} holds ${count} elements where its pickle says ${storage.elements}`);
    places.set(storage.key, { offset, bytes });
    position = offset + bytes;
  }
  return places;
}
