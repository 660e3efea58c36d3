import { createHash } from "node:crypto";
import { DreamError } from "../../errors.js";
import { LONGEST_SIDE, SIZE_STEP } from "../../options/table.js";
import { type DecodedPicture, decodePicture } from "./decode-picture.js";
import type { RgbPicture } from "./encode-png.js";
import { type PictureFile, readPictureFile } from "./picture-file.js";
import { type PixelSize, resizePicture } from "./resize.js";

/** A picture file that another picture begins with. */
export interface InitImage extends DecodedPicture {
  readonly file: PictureFile;
  /** Hex sha256 of the file's bytes. */
  readonly hash: string;
}

/**
 * Reads an initial picture, or a mask, in its own size, turned as its EXIF orientation says. Colours below transparent pixels stay as they are.
 *
 * @throws DreamError file/not-found, file/unreadable, image/too-large, image/unreadable
 */
export async function readInitImage(path: string): Promise<InitImage> {
  const file = await readPictureFile(path).catch((error: unknown) => {
    const missing = error instanceof DreamError && error.code === "file/not-found";
    throw missing ? new DreamError("file/not-found", `${path}: File not found`, { cause: error }) : error;
  });
  const hash = createHash("sha256").update(file.bytes).digest("hex");
  return { ...(await decodePicture(file.bytes, path)), file, hash };
}

/**
 * The size in which a picture is begun with, as in InvokeAI 2.3: in proportion inside the box, then both sides rounded down to multiples of
 * 64. Without a box it is the picture's own size, rounded down in the same way; so 700×500 becomes 576×448.
 *
 * @param box of `--fit`; the picture may grow in it
 * @throws DreamError usage/line when nothing is left of a side, image/too-large above 8192 pixels a side
 */
export function initImageSize(image: PixelSize & { readonly file: { readonly path: string } }, box?: PixelSize): PixelSize {
  const { width, height, file } = image;
  const size = roundedDown(inside(image, box ?? roundedDown(image)));
  const says = `${file.path} has ${width}x${height} pixels`;
  if (Math.min(size.width, size.height) < SIZE_STEP) {
    const advice = box ? "give a larger -W and -H" : "enlarge it, with --fit for example";
    throw new DreamError("usage/line", `${says}: less than ${SIZE_STEP} of a side would be left; ${advice}`);
  }
  if (Math.max(size.width, size.height) > LONGEST_SIDE) {
    throw new DreamError("image/too-large", `${says}, and a side has at most ${LONGEST_SIDE}; --fit makes it smaller`);
  }
  return size;
}

/** The picture in the size of `initImageSize`, by Lanczos, without its transparency: the colours below it are resized as all others. */
export function adjustInitImage({ width, height, rgb }: InitImage, size: PixelSize): Promise<RgbPicture> {
  return resizePicture({ width, height, rgb }, size, "lanczos");
}

/** Whole numbers throughout: the product of a rounded quotient could miss the box by one pixel, and then by 64. */
function inside({ width, height }: PixelSize, box: PixelSize): PixelSize {
  return box.width * height <= box.height * width
    ? { width: box.width, height: Math.floor((height * box.width) / width) }
    : { width: Math.floor((width * box.height) / height), height: box.height };
}

function roundedDown({ width, height }: PixelSize): PixelSize {
  return { width: width - (width % SIZE_STEP), height: height - (height % SIZE_STEP) };
}
