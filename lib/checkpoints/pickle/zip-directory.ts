import { DreamError } from "../../errors.js";

/** What reads a file at a position. */
export interface FileReader {
  readonly path: string;
  /** Bytes of the whole file. */
  readonly size: number;
  /** @throws DreamError safetensors/truncated when the file has become shorter */
  read(position: number, length: number): Promise<Uint8Array>;
}

/** One file in an archive. */
export interface ZipEntry {
  readonly name: string;
  /** Of the header in front of its data. */
  readonly headerOffset: number;
  readonly deflated: boolean;
  /** Bytes in the archive. */
  readonly storedBytes: number;
  /** Bytes of the file itself, as the directory claims. */
  readonly bytes: number;
}

/** Where the bytes of an entry lie. */
export interface ZipData {
  readonly entry: ZipEntry;
  readonly offset: number;
}

/** The largest checkpoints have a few thousand tensors. */
const MOST_ENTRIES = 100_000;
const LARGEST_DIRECTORY = 32 * 1024 * 1024;
/** What deflate cannot reach: 1032 bytes from one. */
const LARGEST_RATIO = 1100;

const END_BYTES = 22;
const LONGEST_COMMENT = 0xffff;
const LOCATOR_64_BYTES = 20;
const END_64_BYTES = 56;
const ENTRY_BYTES = 46;
const HEADER_BYTES = 30;
/** Stands where the number is in the extra field instead. */
const IN_EXTRA_32 = 0xffff_ffff;
const ZIP64_EXTRA = 1;

/**
 * Reads the directory at the end of a ZIP archive and finds the data of every entry. Sizes are those of the directory, and they are checked:
 * every entry lies in the file, and no two share a byte. Source: PKWARE's APPNOTE.TXT, 4.3 and 4.5.3.
 *
 * @throws DreamError pickle/format
 */
export async function readZipDirectory(file: FileReader): Promise<ReadonlyMap<string, ZipData>> {
  const { start, bytes, count } = await findDirectory(file);
  if (count > MOST_ENTRIES || bytes > LARGEST_DIRECTORY) throw damaged(file, `its directory names ${count} files`);
  if (start + bytes > file.size) throw damaged(file, "its directory lies outside the file");
  const entries = readEntries(file, await file.read(start, bytes), count);
  const placed: ZipData[] = [];
  for (const entry of entries) placed.push({ entry, offset: await dataOffset(file, entry, start) });
  checkOverlap(file, placed);
  return new Map(placed.map((data) => [data.entry.name, data]));
}

interface DirectoryPlace {
  readonly start: number;
  readonly bytes: number;
  readonly count: number;
}

async function findDirectory(file: FileReader): Promise<DirectoryPlace> {
  const length = Math.min(file.size, END_BYTES + LONGEST_COMMENT);
  const tail = viewOf(await file.read(file.size - length, length));
  for (let at = length - END_BYTES; at >= 0; at--) {
    if (tail.getUint32(at, true) !== 0x0605_4b50 || tail.getUint16(at + 20, true) !== length - at - END_BYTES) continue;
    const locator = at - LOCATOR_64_BYTES;
    if (locator >= 0 && tail.getUint32(locator, true) === 0x0706_4b50) return readEnd64(file, exactly(file, tail, locator + 8));
    return { count: tail.getUint16(at + 10, true), bytes: tail.getUint32(at + 12, true), start: tail.getUint32(at + 16, true) };
  }
  throw damaged(file, "it has no directory at its end, as after a download that was cut short");
}

async function readEnd64(file: FileReader, position: number): Promise<DirectoryPlace> {
  if (position + END_64_BYTES > file.size) throw damaged(file, "its directory lies outside the file");
  const end = viewOf(await file.read(position, END_64_BYTES));
  if (end.getUint32(0, true) !== 0x0606_4b50) throw damaged(file, "its directory is not where it should be");
  return { count: exactly(file, end, 32), bytes: exactly(file, end, 40), start: exactly(file, end, 48) };
}

function readEntries(file: FileReader, directory: Uint8Array, count: number): ZipEntry[] {
  const view = viewOf(directory);
  const entries = new Map<string, ZipEntry>();
  for (let at = 0; entries.size < count; ) {
    if (at + ENTRY_BYTES > directory.byteLength || view.getUint32(at, true) !== 0x0201_4b50) {
      throw damaged(file, `its directory ends behind ${entries.size} of ${count} files`);
    }
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((place) => view.getUint16(at + place, true)) as [
      number,
      number,
      number,
    ];
    const end = at + ENTRY_BYTES + nameLength + extraLength + commentLength;
    if (end > directory.byteLength) throw damaged(file, "its directory ends inside an entry");
    const name = NAMES.decode(directory.subarray(at + ENTRY_BYTES, at + ENTRY_BYTES + nameLength));
    const fail = (what: string) => damaged(file, `its file ${JSON.stringify(name.slice(0, 100))} ${what}`);
    if (entries.has(name)) throw fail("is there twice");
    const [flags, method] = [view.getUint16(at + 8, true), view.getUint16(at + 10, true)];
    if ((flags & 1) !== 0) throw fail("is encrypted");
    if (method !== 0 && method !== 8) throw fail(`is compressed by method ${method}; only 0 and 8 are read`);
    const extraStart = at + ENTRY_BYTES + nameLength;
    const wide = wideNumbers(file, directory.subarray(extraStart, extraStart + extraLength));
    // In this order they stand in the extra field, each only where its short form says so.
    const [bytes, storedBytes, headerOffset] = [24, 20, 42].map((place) => {
      const short = view.getUint32(at + place, true);
      if (short !== IN_EXTRA_32) return short;
      const long = wide.shift();
      if (long === undefined) throw fail("does not say how large it is");
      return long;
    }) as [number, number, number];
    if (method === 0 && bytes !== storedBytes) throw fail(`has ${storedBytes} bytes but claims ${bytes}`);
    if (bytes > storedBytes * LARGEST_RATIO) throw fail(`claims ${bytes} bytes, more than ${storedBytes} can unfold to`);
    entries.set(name, { name, headerOffset, deflated: method === 8, storedBytes, bytes });
    at = end;
  }
  return [...entries.values()];
}

/** The 64-bit numbers of an entry's extra field. */
function wideNumbers(file: FileReader, extra: Uint8Array): number[] {
  const view = viewOf(extra);
  for (let at = 0; at + 4 <= extra.byteLength; ) {
    const length = Math.min(view.getUint16(at + 2, true), extra.byteLength - at - 4);
    if (view.getUint16(at, true) === ZIP64_EXTRA) {
      const numbers: number[] = [];
      for (let place = at + 4; place + 8 <= at + 4 + length; place += 8) numbers.push(exactly(file, view, place));
      return numbers;
    }
    at += 4 + length;
  }
  return [];
}

/** The header in front of the data has a name and an extra field of its own length. */
async function dataOffset(file: FileReader, entry: ZipEntry, directoryStart: number): Promise<number> {
  const { name, headerOffset, storedBytes } = entry;
  const fail = (what: string) => damaged(file, `its file ${JSON.stringify(name.slice(0, 100))} ${what}`);
  if (headerOffset + HEADER_BYTES > directoryStart) throw fail("begins outside the archive");
  const header = viewOf(await file.read(headerOffset, HEADER_BYTES));
  if (header.getUint32(0, true) !== 0x0403_4b50) throw fail("has no header");
  const offset = headerOffset + HEADER_BYTES + header.getUint16(26, true) + header.getUint16(28, true);
  if (offset + storedBytes > directoryStart) throw fail("ends outside the archive");
  return offset;
}

function checkOverlap(file: FileReader, placed: readonly ZipData[]): void {
  let end = 0;
  for (const { entry, offset } of [...placed].sort((a, b) => a.entry.headerOffset - b.entry.headerOffset)) {
    if (entry.headerOffset < end) throw damaged(file, `its file ${JSON.stringify(entry.name.slice(0, 100))} overlaps another`);
    end = offset + entry.storedBytes;
  }
}

/** A 64-bit number; no file has positions beyond the exact integers. */
function exactly(file: FileReader, view: DataView, at: number): number {
  const value = Number(view.getBigUint64(at, true));
  if (!Number.isSafeInteger(value)) throw damaged(file, "its directory names places that no file has");
  return value;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function damaged({ path }: FileReader, what: string): DreamError {
  return new DreamError("pickle/format", `${path} is a damaged archive: ${what}`);
}

const NAMES = new TextDecoder("utf-8", { ignoreBOM: true });
