import { open } from "node:fs/promises";
import { DreamError } from "../../errors.js";
import { fileError } from "../../json-file.js";
import { readFully } from "../safetensors.js";
import { DTYPE_BYTES, type TensorRef } from "../tensor.js";
import { inflateEntry } from "./inflate-entry.js";
import type { PickledTensor, PickledValue } from "./values.js";

/** Bytes of the largest pickle that is read; the tensors themselves are not part of it. */
export const LARGEST_PICKLE = 64 * 1024 * 1024;
/** Bytes that tensors which cannot be read in place may take in memory together. */
const MOST_COPIED = 1024 * 1024 * 1024;
/** torch allows 64 axes; no weight has more than five. */
const MOST_AXES = 16;

/** Where the bytes of a storage lie in its file. */
export interface StoragePlace {
  readonly offset: number;
  /** When they are unfolded. */
  readonly bytes: number;
  /** Bytes in the file where it is deflated there. */
  readonly deflatedBytes?: number;
}

/** What `openTorchFile` knows of a file. */
export interface Placement {
  readonly path: string;
  readonly file: string;
  readonly storages: ReadonlyMap<string, StoragePlace>;
}

/**
 * Finds out where in the file tensors lie. Those whose elements lie in their order stay where they are; a transposed view, and what is
 * deflated, is copied into memory.
 *
 * @throws DreamError pickle/format when a tensor reaches beyond its storage or too much would have to be copied
 */
export async function placeTensors(placement: Placement, tensors: ReadonlyMap<string, PickledTensor>): Promise<Map<string, TensorRef>> {
  const copies = new Copies(placement);
  const refs = new Map<string, TensorRef>();
  for (const [key, tensor] of tensors) refs.set(key, await placeTensor(placement, key, tensor, copies));
  return refs;
}

async function placeTensor({ path, file, storages }: Placement, key: string, tensor: PickledTensor, copies: Copies): Promise<TensorRef> {
  const fail = (what: string) => new DreamError("pickle/format", `${path}: tensor ${JSON.stringify(key.slice(0, 100))} ${what}`);
  const { dtype, storage } = tensor;
  const place = storages.get(storage.key);
  if (place === undefined) throw fail("has no data");
  const width = DTYPE_BYTES[dtype];
  if (place.bytes !== storage.elements * (storage.dtype === undefined ? 1 : DTYPE_BYTES[storage.dtype])) {
    throw fail(`claims a storage of ${storage.elements} elements, which has ${place.bytes} bytes`);
  }
  const view = readView(tensor, Math.floor(place.bytes / width), fail);
  const ref = { key, dtype, shape: view.shape, byteLength: view.elements * width };
  if (view.elements === 0) return { ...ref, file, offset: place.offset };
  if (view.inOrder && place.deflatedBytes === undefined) return { ...ref, file, offset: place.offset + view.offset * width };
  const stored = await copies.storage(storage.key, place);
  if (view.inOrder) return { ...ref, file, offset: view.offset * width, bytes: stored };
  copies.admit(ref.byteLength);
  return { ...ref, file, offset: 0, bytes: gather(stored, view, width) };
}

/** A view whose numbers are checked: all of its elements lie in the storage. */
interface View {
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly elements: number;
  /** Row-major and without gaps. */
  readonly inOrder: boolean;
}

function readView({ offset, shape, strides }: PickledTensor, available: number, fail: (what: string) => DreamError): View {
  if (!isCount(offset) || !isCounts(shape) || !isCounts(strides) || shape.length !== strides.length) {
    throw fail("has no valid shape");
  }
  const elements = shape.reduce((product, extent) => product * extent, 1);
  if (elements === 0) return { offset, shape, strides, elements, inOrder: true };
  // More would be an expanded view: a few bytes that stand for any amount of memory.
  if (!(elements <= available)) throw fail(`has the shape [${shape.join(", ")}] but only ${available} elements of data`);
  const last = shape.reduce((position, extent, axis) => position + (extent - 1) * (strides[axis] as number), offset);
  if (!(last < available)) throw fail(`reaches to element ${last} of its ${available}`);
  let next = 1;
  let inOrder = true;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && strides[axis] !== next) inOrder = false;
    next *= shape[axis] as number;
  }
  return { offset, shape, strides, elements, inOrder };
}

/** The elements of a view in their order. */
function gather(stored: Uint8Array, { offset, shape, strides, elements }: View, width: number): Uint8Array {
  const gathered = new Uint8Array(elements * width);
  const index = new Array<number>(shape.length).fill(0);
  let from = offset;
  for (let to = 0; to < gathered.byteLength; to += width) {
    for (let byte = 0; byte < width; byte++) gathered[to + byte] = stored[from * width + byte] as number;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis] as number;
      index[axis] = (index[axis] as number) + 1;
      if ((index[axis] as number) < (shape[axis] as number)) break;
      from -= (index[axis] as number) * (strides[axis] as number);
      index[axis] = 0;
    }
  }
  return gathered;
}

/** Storages that had to be read into memory. */
class Copies {
  readonly #storages = new Map<string, Uint8Array>();
  #bytes = 0;

  constructor(private readonly placement: Placement) {}

  /** Counts bytes that are taken. @throws DreamError pickle/format */
  admit(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes <= MOST_COPIED) return;
    const path = this.placement.path;
    throw new DreamError("pickle/format", `${path} holds more than ${MOST_COPIED} bytes that cannot be read where they lie`);
  }

  async storage(key: string, { offset, bytes, deflatedBytes }: StoragePlace): Promise<Uint8Array> {
    const known = this.#storages.get(key);
    if (known !== undefined) return known;
    this.admit(bytes);
    const { file, path } = this.placement;
    const stored = new Uint8Array(deflatedBytes ?? bytes);
    const handle = await open(file, "r").catch((error: unknown) => {
      throw fileError(file, error);
    });
    try {
      await readFully(handle, stored, offset, path);
    } finally {
      await handle.close();
    }
    const whole = deflatedBytes === undefined ? stored : inflateEntry(stored, bytes, path);
    this.#storages.set(key, whole);
    return whole;
  }
}

function isCount(value: PickledValue): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function isCounts(value: PickledValue): value is number[] {
  // The length first: a file may give one enormous list to all of its tensors.
  return Array.isArray(value) && value.length <= MOST_AXES && value.every(isCount);
}
