import { deflateRawSync } from "node:zlib";
import { join, text, uint16, uint32 } from "./pickle-bytes.js";

/** One file of an archive, and what its directory says otherwise than it is. */
export interface FileToZip {
  readonly name: string;
  readonly data: Uint8Array;
  readonly deflate?: boolean;
  readonly flags?: number;
  readonly method?: number;
  /** Claims of the directory. */
  readonly bytes?: number;
  readonly storedBytes?: number;
  readonly headerOffset?: number;
  /** Writes its numbers with 64 bits, as for files beyond 4 GB. */
  readonly wide?: boolean;
}

/** A ZIP archive, written by hand so that it can lie. */
export function zipBytes(files: readonly FileToZip[], count = files.length): Uint8Array {
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let position = 0;
  for (const { name, data, deflate = false, flags = 0, ...claims } of files) {
    const stored = deflate ? deflateRawSync(data) : data;
    const method = claims.method ?? (deflate ? 8 : 0);
    const header = join([0x50, 0x4b, 3, 4], uint16(20), uint16(flags), uint16(method), new Uint8Array(8), uint32(stored.byteLength));
    const local = join(header, uint32(data.byteLength), uint16(text(name).byteLength), uint16(0), text(name), stored);
    const [bytes, storedBytes, offset] = [
      claims.bytes ?? data.byteLength,
      claims.storedBytes ?? stored.byteLength,
      claims.headerOffset ?? position,
    ];
    const wide = claims.wide
      ? join(uint16(1), uint16(24), ...[bytes, storedBytes, offset].flatMap((number) => [uint32(number), uint32(0)]))
      : [];
    const short = (number: number) => uint32(claims.wide ? 0xffff_ffff : number);
    directory.push(
      join([0x50, 0x4b, 1, 2], uint16(20), uint16(20), uint16(flags), uint16(method), new Uint8Array(8)),
      join(short(storedBytes), short(bytes), uint16(text(name).byteLength), uint16(wide.length)),
      join(new Uint8Array(10), short(offset), text(name), wide),
    );
    parts.push(local);
    position += local.byteLength;
  }
  const entries = join(...directory);
  const end = join([0x50, 0x4b, 5, 6], uint32(0), uint16(count), uint16(count), uint32(entries.byteLength), uint32(position), uint16(0));
  return join(...parts, entries, end);
}

/** The archive that torch.save makes of a pickle and its storages. */
export function torchZip(data: Uint8Array, storages: Readonly<Record<string, Uint8Array>> = {}): Uint8Array {
  const files = Object.entries(storages).map(([key, bytes]) => ({ name: `archive/data/${key}`, data: bytes }));
  return zipBytes([{ name: "archive/data.pkl", data }, ...files]);
}
