import { dirname, relative, resolve, sep } from "node:path";
import type { TensorRef, WeightSource } from "./tensor.js";

/**
 * A source over references that are known by the keys networks ask for.
 * @param origin names what is loaded, for messages
 * @param refs at least one tensor; their files may lie in different folders
 * @param nameInFile where the files use other names
 */
export function weightSource(origin: string, refs: ReadonlyMap<string, TensorRef>, nameInFile?: (key: string) => string): WeightSource {
  const files = new Set<string>();
  for (const ref of refs.values()) files.add(ref.file);
  return {
    folder: files.size === 0 ? dirname(resolve(origin)) : commonFolder([...files].map((file) => dirname(file))),
    origin,
    keys: () => refs.keys(),
    get: (key) => refs.get(key),
    ...(nameInFile && { nameInFile }),
  };
}

/** A key for messages: its name in the user's file first, and behind it in brackets our own where that is quite another. */
export function describeKey(source: WeightSource, key: string): string {
  const name = source.get(key)?.key ?? source.nameInFile?.(key) ?? key;
  return name.endsWith(key) ? name : `${name} (${key})`;
}

/** The deepest folder that holds every one of `folders`. */
export function commonFolder(folders: readonly string[]): string {
  let common = folders[0] ?? sep;
  for (const folder of folders) {
    while (relative(common, folder).split(sep)[0] === "..") common = dirname(common);
  }
  return common;
}

/** Every file that the source reads from, sorted. */
export function sourceFiles(source: WeightSource): string[] {
  const files = new Set<string>();
  for (const key of source.keys()) files.add(source.get(key)?.file ?? source.origin);
  return [...files].sort();
}
