import { storageType } from "./known-names.js";
import { PickledName, PickledStorage, type PickledValue } from "./values.js";

/**
 * The storage that a persistent id names: ("storage", class, key, device, elements), in older files with a view of another storage behind it.
 * @returns undefined for anything else, views among them
 */
export function storageFromId(id: PickledValue): PickledStorage | undefined {
  if (!Array.isArray(id) || id[0] !== "storage") return undefined;
  const [, type, key, , elements, view = null] = id;
  if (!(type instanceof PickledName) || (typeof key !== "string" && typeof key !== "number") || view !== null) return undefined;
  const dtype = storageType(type);
  if (dtype === undefined || typeof elements !== "number" || !Number.isSafeInteger(elements) || elements < 0) return undefined;
  return new PickledStorage(String(key), dtype ?? undefined, elements);
}
