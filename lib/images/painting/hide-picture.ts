import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { PACKAGE_ROOT } from "../../package-root.js";
import { decodePicture } from "../pixels/decode-picture.js";
import type { RgbPicture, TransparentPicture } from "../pixels/encode-png.js";
import { resizePicture } from "../pixels/resize.js";
import { resizeLevels } from "../pixels/resize-levels.js";
import { gaussianBlur } from "./gaussian-blur.js";

/** Pixels, in a picture of the size that is decoded. */
const RADIUS = 32;
const ICON = join(PACKAGE_ROOT, "configs", "caution.png");
/** The icon takes no more than this share of a small picture's sides. */
const LARGEST_SHARE = 0.5;

/** A picture that nobody should have to see: blurred, with a sign of caution in the top left corner. */
export async function hidePicture(picture: RgbPicture): Promise<RgbPicture> {
  const blurred = await gaussianBlur(picture, RADIUS);
  const icon = await cautionIcon(picture);
  return icon === undefined ? blurred : pasted(blurred, icon);
}

/**
 * The same of what a picture is on its way to be, without the sign.
 * @param scale pixels of the finished picture a pixel of this one
 */
export function hidePreview(preview: RgbPicture, scale: number): Promise<RgbPicture> {
  return gaussianBlur(preview, RADIUS / scale);
}

/** Undefined when it is missing: what is hidden stays hidden without it. */
async function cautionIcon(picture: RgbPicture): Promise<TransparentPicture | undefined> {
  const bytes = await readFile(ICON).catch(() => undefined);
  if (bytes === undefined) return undefined;
  const icon = await decodePicture(bytes, ICON);
  const share = Math.min(1, (LARGEST_SHARE * picture.width) / icon.width, (LARGEST_SHARE * picture.height) / icon.height);
  const size = { width: Math.max(1, Math.floor(icon.width * share)), height: Math.max(1, Math.floor(icon.height * share)) };
  const { rgb } = await resizePicture(icon, size, "lanczos");
  return { ...size, rgb, alpha: icon.alpha && (await resizeLevels(icon.alpha, icon, size)) };
}

/** The icon over the top left corner. */
function pasted(picture: RgbPicture, { width, height, rgb, alpha }: TransparentPicture): RgbPicture {
  const out = Uint8Array.from(picture.rgb);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const share = (alpha?.[y * width + x] ?? 255) / 255;
      for (let channel = 0; channel < 3; channel++) {
        const at = (y * picture.width + x) * 3 + channel;
        out[at] = Math.round(out[at]! * (1 - share) + rgb[(y * width + x) * 3 + channel]! * share);
      }
    }
  }
  return { ...picture, rgb: out };
}
