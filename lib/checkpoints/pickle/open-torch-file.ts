import { open, realpath, stat } from "node:fs/promises";
import { DreamError } from "../../errors.js";
import { fileError } from "../../json-file.js";
import { readFully } from "../safetensors.js";
import type { WeightSource } from "../tensor.js";
import { weightSource } from "../weight-source.js";
import { readLegacy } from "./legacy-container.js";
import { placeTensors, type StoragePlace } from "./place-tensors.js";
import { PickledTensor, type PickledValue } from "./values.js";
import { readZipContainer } from "./zip-container.js";
import type { FileReader } from "./zip-directory.js";

/** Whether a file is called like those of torch. */
export function isTorchFile(path: string): boolean {
  return /\.(pth|pt|ckpt|bin)$/i.test(path);
}

/** What `torch.save` wrote: the pickled value, and where the bytes of its tensors lie. */
export interface TorchFile {
  /** As given. */
  readonly path: string;
  /** Absolute, links resolved; tensors are read there. */
  readonly file: string;
  readonly value: PickledValue;
  readonly storages: ReadonlyMap<string, StoragePlace>;
}

/**
 * Reads the structure of a file by `torch.save` (.pt, .bin, .pth, .ckpt), a ZIP archive or the older sequence of pickles. Nothing in it is
 * run, and of its tensors nothing is read.
 *
 * @throws DreamError file/not-found, file/unreadable, pickle/format, pickle/code
 */
export async function openTorchFile(path: string): Promise<TorchFile> {
  try {
    const file = await realpath(path);
    // Before it is opened: opening a named pipe would wait for somebody to write into it.
    if (!(await stat(file)).isFile()) throw new DreamError("file/unreadable", `${path} is not a regular file`);
    const handle = await open(file, "r");
    try {
      const { size } = await handle.stat();
      const reader: FileReader = {
        path,
        size,
        async read(position, length) {
          const bytes = new Uint8Array(length);
          await readFully(handle, bytes, position, path);
          return bytes;
        },
      };
      const start = await reader.read(0, Math.min(size, ZIP_START.length));
      const isZip = ZIP_START.every((byte, at) => start[at] === byte);
      return { path, file, ...(await (isZip ? readZipContainer(reader) : readLegacy(reader))) };
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw fileError(path, error);
  }
}

const ZIP_START = [0x50, 0x4b, 0x03, 0x04];

/** What training programs put the tensors of a model into, the best first. */
const WRAPPERS = ["state_dict", "params_ema", "params"];

/**
 * The tensors of a file by `torch.save` under their own names. A dictionary of tensors in a known wrapper ("state_dict") counts as the file's
 * own; anything that is no tensor is left out.
 *
 * @throws DreamError as openTorchFile, and pickle/format when it holds no tensors by name
 */
export async function openTorchSource(path: string): Promise<WeightSource> {
  const opened = await openTorchFile(path);
  const { value } = opened;
  const wrapped = value instanceof Map ? WRAPPERS.map((name) => value.get(name)) : [];
  const found = [...wrapped, value].map(namedTensors).find(({ size }) => size > 0);
  if (found === undefined) throw new DreamError("pickle/format", `${path} holds no tensors by name`);
  return weightSource(path, await placeTensors(opened, found));
}

/** The tensors of a dictionary whose names are text; none of anything else. */
export function namedTensors(value: PickledValue | undefined): ReadonlyMap<string, PickledTensor> {
  const tensors = new Map<string, PickledTensor>();
  if (value instanceof Map) {
    for (const [name, entry] of value) if (typeof name === "string" && entry instanceof PickledTensor) tensors.set(name, entry);
  }
  return tensors;
}
