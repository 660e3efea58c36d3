/** Names that Windows keeps for devices, with any ending. */
const RESERVED = /^(?:con|prn|aux|nul|com[1-9¹²³]|lpt[1-9¹²³])(?:\.|$)/i;

/** Bytes of the longest name of a file or folder on the usual file systems. */
export const MAX_NAME_BYTES = 255;

/**
 * A text as a name that every file system takes: `<>:"/\|?*` and control characters become `_`; leading dots and blanks and trailing ones
 * go. May end up empty.
 */
export function safeName(text: string): string {
  const clean = text
    // \p{Cs}: half a pair of surrogates cannot be written as UTF-8.
    .replace(/[<>:"/\\|?*\p{Cc}\p{Cs}]/gu, "_")
    .replace(/^[.\s]+|[.\s]+$/gu, "");
  return RESERVED.test(clean) ? `_${clean}` : clean;
}

/** As much of the beginning as fits into `bytes` bytes of UTF-8, never half a character. */
export function cutToBytes(text: string, bytes: number): string {
  let room = bytes;
  let end = 0;
  for (const character of text) {
    room -= Buffer.byteLength(character);
    if (room < 0) break;
    end += character.length;
  }
  return text.slice(0, end);
}
