import { inflateRawSync } from "node:zlib";
import { DreamError } from "../../errors.js";

/**
 * Unfolds the deflated data of an archive's entry.
 * @param bytes what the directory claims that it unfolds to; no more memory is taken
 * @param origin named in errors
 * @throws DreamError pickle/format when it does not unfold to exactly that
 */
export function inflateEntry(stored: Uint8Array, bytes: number, origin: string): Uint8Array {
  try {
    const unfolded = inflateRawSync(stored, { maxOutputLength: Math.max(1, bytes) });
    if (unfolded.byteLength === bytes) return unfolded;
  } catch {
    // falls through
  }
  throw new DreamError("pickle/format", `${origin} is a damaged archive: an entry does not unfold to the ${bytes} bytes that it claims`);
}
