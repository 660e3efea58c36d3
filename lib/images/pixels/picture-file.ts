import { type PngText, readPngText } from "../metadata/png-text.js";
import { type PictureFormat, pictureFormat, readPictureBytes } from "./decode-picture.js";

/** A picture of the user's, not yet decoded. */
export interface PictureFile {
  readonly path: string;
  /** Untrusted, at most 256 MiB. */
  readonly bytes: Uint8Array;
  readonly format: PictureFormat;
}

/** @throws DreamError file/not-found, file/unreadable, image/too-large, image/unreadable when it is no picture */
export async function readPictureFile(path: string): Promise<PictureFile> {
  const bytes = await readPictureBytes(path);
  return { path, bytes, format: pictureFormat(bytes, path) };
}

/** What the file says about itself. Only PNG files are asked. @throws DreamError image/unreadable */
export function textsOf({ format, bytes, path }: PictureFile): PngText[] {
  return format === "PNG" ? readPngText(bytes, path) : [];
}
