/**
 * Byte-level vocabularies spell each byte as one printable character: printable Latin-1 as itself, the others as U+0100 and up.
 * The order is that of CLIP's vocabulary (ids 0…255). Source: `bytes_to_unicode` of OpenAI's GPT-2 and CLIP.
 */
const PRINTABLE: readonly (readonly [first: number, last: number])[] = [
  [0x21, 0x7e],
  [0xa1, 0xac],
  [0xae, 0xff],
];

/** Index = byte, value = its character. */
export const CHARACTER_OF_BYTE: readonly string[] = makeAlphabet();

/** The 256 characters in the order of CLIP's vocabulary. */
export const ALPHABET: readonly string[] = [...CHARACTER_OF_BYTE].sort((a, b) => a.charCodeAt(0) - b.charCodeAt(0));

const BYTE_OF_CHARACTER: ReadonlyMap<string, number> = new Map(CHARACTER_OF_BYTE.map((character, byte) => [character, byte]));

function makeAlphabet(): string[] {
  let substitute = 0x100;
  const isPrintable = (byte: number) => PRINTABLE.some(([first, last]) => byte >= first && byte <= last);
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(isPrintable(byte) ? byte : substitute++));
}

/** Text → one character per UTF-8 byte. Lone surrogates become U+FFFD. */
export function spellBytes(text: string): string[] {
  return Array.from(new TextEncoder().encode(text), (byte) => CHARACTER_OF_BYTE[byte]!);
}

/** The inverse; bytes that are not whole UTF-8 characters show as U+FFFD, characters outside the alphabet as themselves. */
export function readBytes(spelled: string): string {
  const bytes: number[] = [];
  for (const character of spelled) {
    const byte = BYTE_OF_CHARACTER.get(character);
    if (byte === undefined) bytes.push(...new TextEncoder().encode(character));
    else bytes.push(byte);
  }
  return new TextDecoder().decode(new Uint8Array(bytes));
}
