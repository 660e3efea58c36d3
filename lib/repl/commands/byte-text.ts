/** Bytes for people: `512 bytes`, `1.2 MB`, `5.46 GB`; thousands, not 1024s, as everywhere in this program. */
export function byteText(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`;
  if (bytes < 999_500) return `${(bytes / 1e3).toFixed(0)} kB`;
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}
