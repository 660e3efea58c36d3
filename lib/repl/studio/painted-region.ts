import type { PaintedRegion } from "../../engine/protocol.js";
import { DreamError } from "../../errors.js";
import type { Infill } from "../../images/painting/infill.js";
import { invertedLevels, keptLevels, multipliedLevels } from "../../images/painting/masks.js";
import type { TransparentPicture } from "../../images/pixels/encode-png.js";
import type { InitImage } from "../../images/pixels/init-image.js";
import type { PixelSize } from "../../images/pixels/resize.js";
import { resizeLevels } from "../../images/pixels/resize-levels.js";
import { type RegionSettings, regionSwitches, USUAL_INFILL } from "../../options/painted-region.js";

/** Pixels over which kept and painted parts are mixed, as in InvokeAI 2.3. */
export const SOFT_EDGE = 8;

/** What the switches fall back to, as in their table. */
export const TILE_SIZE = 32;
const SEAM = { blur: 0, strength: 0.7, steps: 10 } as const;

/** A mask may have another size than its picture, but its sides must not be in quite another proportion. */
const MOST_STRETCH = 2;

/** What is painted, whatever says so. */
export interface RegionMask extends PixelSize {
  /** width·height bytes: 255 keeps a pixel, 0 paints it. */
  readonly levels: Uint8Array;
  /** Where it comes from, for messages. */
  readonly origin: string;
}

/** What a region is made of. */
export interface RegionSources {
  readonly image: InitImage;
  /** Of `-M` or `-tm`. */
  readonly mask?: RegionMask;
  readonly settings: RegionSettings;
}

/**
 * The part of an initial picture that is painted: where the mask is black or transparent, and where the picture itself is transparent.
 *
 * @param size of the picture that is made
 * @param tell shows a line
 * @returns undefined when all of it is painted, because there is neither a mask nor anything transparent
 * @throws DreamError usage/line
 */
export async function paintedRegion(
  { image, mask, settings }: RegionSources,
  size: PixelSize,
  tell: (text: string) => void,
): Promise<PaintedRegion | undefined> {
  if (mask === undefined && image.alpha === undefined) {
    requireNothing(image, settings, tell);
    return undefined;
  }
  const isErased = image.alpha !== undefined && coloursErased(image);
  if (mask === undefined) tellTransparent(isErased && !settings.forceOutpaint, tell);
  else checkProportions(mask, image, tell);
  // An inverted picture without a mask keeps its transparent part, as its colours lie there.
  const isWhole = mask === undefined && settings.invertMask;
  const alpha = image.alpha === undefined || isWhole ? undefined : await resizeLevels(image.alpha, image, size);
  const levels = await resizeLevels(mask?.levels ?? keptLevels(image), mask ?? image, size);
  const wanted = settings.invertMask ? invertedLevels(levels) : levels;
  const keep = alpha === undefined || mask === undefined ? wanted : multipliedLevels(wanted, alpha);
  if (keep.every((level) => level === 255)) {
    const origin = mask?.origin ?? image.file.path;
    throw new DreamError("usage/line", `${origin} keeps the whole picture, nothing would be painted; --invert_mask exchanges its sides`);
  }
  const infill = alpha && infillOf(settings, isErased);
  return { keep, alpha, infill, replace: settings.inpaintReplace ?? 0, softEdge: SOFT_EDGE, seam: seamOf(settings) };
}

/** Switches about a region where there is none. @throws DreamError usage/line */
function requireNothing({ file }: InitImage, settings: RegionSettings, tell: (text: string) => void): void {
  if (settings.forceOutpaint) {
    throw new DreamError("usage/line", `--force_outpaint: ${file.path} has no transparent part to paint; !fix ${file.path} -c extends it`);
  }
  const given = regionSwitches(settings);
  if (given.length > 0) tell(`>> ${file.path} has no transparent part and there is no mask (-M): ${given.join(", ")} changes nothing`);
}

function tellTransparent(isErased: boolean, tell: (text: string) => void): void {
  tell(">> Initial image has transparent areas. Will inpaint in these regions.");
  if (!isErased) return;
  tell(
    [
      ">> WARNING: Colors underneath the transparent region seem to have been erased.",
      ">>          They are filled from the rest of the picture (--infill_method) before painting begins.",
      ">>          To begin with the old colors, erase with a tool that keeps them, or give a mask with -M.",
    ].join("\n"),
  );
}

/** Whether there are fully transparent pixels, and all of them are pure black or white. */
function coloursErased({ rgb, alpha }: TransparentPicture): boolean {
  if (alpha === undefined || !alpha.includes(0)) return false;
  return alpha.every((opacity, i) => {
    const level = rgb[i * 3]!;
    return opacity > 0 || ((level === 0 || level === 255) && rgb[i * 3 + 1] === level && rgb[i * 3 + 2] === level);
  });
}

/** @throws DreamError usage/line */
function checkProportions(mask: RegionMask, image: InitImage, tell: (text: string) => void): void {
  if (mask.width === image.width && mask.height === image.height) return;
  const stretch = (mask.width * image.height) / (mask.height * image.width);
  const sizes = `the mask ${mask.origin} has ${mask.width}x${mask.height} pixels, the picture ${image.width}x${image.height}`;
  if (Math.max(stretch, 1 / stretch) > MOST_STRETCH) {
    throw new DreamError("usage/line", `${sizes}: they do not belong together; give a mask of the picture's size`);
  }
  tell(`>> ${sizes}; it is resized`);
}

/** Undefined where painting begins with the colours that lie below the transparent pixels. */
function infillOf({ infillMethod, tileSize = TILE_SIZE, forceOutpaint }: RegionSettings, isErased: boolean): Infill | undefined {
  if (infillMethod === undefined && !isErased && !forceOutpaint) return undefined;
  return { method: infillMethod ?? USUAL_INFILL, tileSize };
}

function seamOf({ seamSize: size = 0, seamBlur, seamStrength, seamSteps }: RegionSettings): PaintedRegion["seam"] {
  if (size === 0) return undefined;
  return { size, blur: seamBlur ?? SEAM.blur, strength: seamStrength ?? SEAM.strength, steps: seamSteps || SEAM.steps };
}
