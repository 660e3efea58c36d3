/** Instructions of a pickle, for files that torch would never write. */
export const pickle = {
  /** A whole pickle of protocol 2. */
  of: (...parts: readonly Uint8Array[]) => join([0x80, 2], ...parts, [0x2e]),
  name: (module: string, name: string) => join([0x63], text(`${module}\n${name}\n`)),
  text: (value: string) => join([0x58], uint32(text(value).byteLength), text(value)),
  integer: (value: number) => join([0x4a], uint32(value >>> 0)),
  /** A tuple of any length. */
  tuple: (...parts: readonly Uint8Array[]) => join([0x28], ...parts, [0x74]),
  dictionary: (entries: Readonly<Record<string, Uint8Array>>) =>
    join([0x7d, 0x28], ...Object.entries(entries).flatMap(([key, value]) => [pickle.text(key), value]), [0x75]),
  call: (module: string, name: string, ...values: readonly Uint8Array[]) =>
    join(pickle.name(module, name), pickle.tuple(...values), [0x52]),
  storage: (key: string, elements: number, type = "FloatStorage") =>
    join(
      pickle.tuple(pickle.text("storage"), pickle.name("torch", type), pickle.text(key), pickle.text("cpu"), pickle.integer(elements)),
      [0x51],
    ),
  tensor: (storage: Uint8Array, offset: number, shape: readonly number[], strides: readonly number[]) =>
    pickle.call(
      "torch._utils",
      "_rebuild_tensor_v2",
      storage,
      pickle.integer(offset),
      pickle.tuple(...shape.map(pickle.integer)),
      pickle.tuple(...strides.map(pickle.integer)),
    ),
};

/** The older format of torch.save: the pickles in front of the value, the value, the list of storages, and their bytes with their counts. */
export function legacyFile(value: Uint8Array, keys: readonly string[] = [], storages: readonly Uint8Array[] = []): Uint8Array {
  const magic = pickle.of(Uint8Array.of(0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19));
  const version = pickle.of(pickle.integer(1001));
  const machine = pickle.of(pickle.dictionary({ protocol_version: pickle.integer(1001) }));
  const list = pickle.of(join([0x28], ...keys.map(pickle.text), [0x6c]));
  return join(magic, version, machine, value, list, ...storages);
}

/** The count in front of a storage, and zeros. */
export function legacyStorage(count: number, bytes: number): Uint8Array {
  return join(uint32(count), uint32(0), new Uint8Array(bytes));
}

export function join(...parts: readonly (Uint8Array | readonly number[])[]): Uint8Array {
  return Buffer.concat(parts.map((part) => (part instanceof Uint8Array ? part : Uint8Array.from(part))));
}

export function text(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

export function uint32(value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes;
}

export function uint16(value: number): Uint8Array {
  return uint32(value).subarray(0, 2);
}
