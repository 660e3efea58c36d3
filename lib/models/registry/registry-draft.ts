import { type Document, isMap, isScalar, type Pair, Scalar, YAMLMap } from "yaml";
import { DreamError } from "../../errors.js";

/** Values of an entry by key; undefined takes a key away. */
export type EntryValues = Readonly<Record<string, string | number | boolean | undefined>>;

/** A registry while it is edited. What no edit touches keeps its comments, its order and keys that we do not know. */
export class RegistryDraft {
  /** @param document its top level is a mapping or nothing */
  constructor(private readonly document: Document) {
    if (isMap(document.contents)) return;
    // A file of comments alone: they stay on top.
    document.contents = new YAMLMap();
    if (document.comment && !document.commentBefore) {
      document.commentBefore = document.comment;
      document.comment = null;
    }
  }

  /** Every name in the file, also of entries that cannot be loaded. */
  get names(): readonly string[] {
    return this.#entries.items.map(nameOf);
  }

  has(name: string): boolean {
    return this.names.includes(name);
  }

  /** The texts of an entry in the order of the file. @throws DreamError model/not-found */
  texts(name: string): ReadonlyMap<string, string> {
    const texts = new Map<string, string>();
    for (const { key, value } of this.#valuesOf(name).items) {
      if (isScalar(key) && isScalar(value) && typeof value.value === "string") texts.set(String(key.value), value.value);
    }
    return texts;
  }

  /** Puts a new entry at the end. @throws DreamError usage/line when the name is taken */
  add(name: string, values: EntryValues): void {
    if (this.has(name)) throw new DreamError("usage/line", `there is already a model named ${name}; choose another name`);
    // `{}` would make every later entry part of one long line.
    if (this.#entries.items.length === 0) this.#entries.flow = false;
    this.#entries.items.push(this.document.createPair(name, values));
  }

  /** @throws DreamError model/not-found */
  change(name: string, values: EntryValues): void {
    const entry = this.#valuesOf(name);
    for (const [key, value] of Object.entries(values)) {
      if (value === undefined) entry.delete(key);
      else entry.set(key, value);
    }
  }

  /** @throws DreamError model/not-found, usage/line when the name is taken */
  rename(name: string, newName: string): void {
    if (this.has(newName)) throw new DreamError("usage/line", `there is already a model named ${newName}; choose another name`);
    const pair = this.#pair(name);
    const key = new Scalar(newName);
    key.commentBefore = isScalar(pair.key) ? pair.key.commentBefore : undefined;
    key.spaceBefore = isScalar(pair.key) ? pair.key.spaceBefore : undefined;
    pair.key = key;
  }

  /** Takes an entry out; comments above it stay, for they may be about more than the entry. @throws DreamError model/not-found */
  remove(name: string): void {
    const { items } = this.#entries;
    const index = items.indexOf(this.#pair(name));
    const [removed] = items.splice(index, 1);
    const comment = isScalar(removed?.key) ? removed.key.commentBefore : undefined;
    if (!comment) return;
    const next = items[index]?.key;
    const joined = (other: string | null | undefined) => (other ? `${comment}\n${other}` : comment);
    if (isScalar(next)) {
      next.commentBefore = joined(next.commentBefore);
      next.spaceBefore = isScalar(removed?.key) && removed.key.spaceBefore;
    } else if (items.length === 0) this.document.commentBefore = joined(this.document.commentBefore);
    else this.document.comment = joined(this.document.comment);
  }

  /** Makes this entry the one default of its kind. @throws DreamError model/not-found */
  makeDefault(name: string): void {
    const kind = this.#valuesOf(name).get("kind");
    for (const { value } of this.#entries.items) if (isMap(value) && value.get("kind") === kind) value.delete("default");
    this.change(name, { default: true });
  }

  get #entries(): YAMLMap {
    return this.document.contents as YAMLMap;
  }

  #pair(name: string): Pair {
    const pair = this.#entries.items.find((candidate) => nameOf(candidate) === name);
    if (pair === undefined) throw new DreamError("model/not-found", `there is no entry ${name} any more`);
    return pair;
  }

  #valuesOf(name: string): YAMLMap {
    const { value } = this.#pair(name);
    if (!isMap(value)) throw new DreamError("registry/unwritable", `the entry ${name} is not written out: edit the file by hand`);
    return value;
  }
}

/** A name of digits alone is a number to YAML. */
function nameOf({ key }: Pair): string {
  return String(isScalar(key) ? key.value : key);
}
