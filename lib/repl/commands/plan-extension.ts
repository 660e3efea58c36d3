import { DreamError } from "../../errors.js";
import { type Extension, extendPicture, movePicture, SIDES, type Side } from "../../images/painting/extend-picture.js";
import type { TransparentPicture } from "../../images/pixels/encode-png.js";
import type { ParsedLine } from "../../options/read.js";
import { LONGEST_SIDE, SIZE_STEP } from "../../options/table.js";

/** How `!fix` paints beyond the border of a picture. */
export interface ExtensionPlan {
  readonly tool: "outcrop" | "outpaint";
  /** Share of the steps. */
  readonly strength: number;
  /** The picture with a transparent part to paint. */
  readonly canvas: Required<TransparentPicture>;
  /** What is told. */
  readonly notices: readonly string[];
}

/** As in InvokeAI 2.3. */
const STRENGTH = { outcrop: 0.9, outpaint: 0.83 } as const;

/**
 * Reads `-D` or `-c`; when both are given, `-D` counts, as in the reference.
 *
 * @throws DreamError usage/line, image/too-large
 */
export function planExtension({ outDirection, outcrop }: ParsedLine, picture: TransparentPicture, path: string): ExtensionPlan {
  if (outDirection !== undefined) return planMove(outDirection, picture, path);
  const asked = readPairs(outcrop ?? []);
  const extension = roundedUp(asked, picture);
  const size = { width: picture.width + extension.left + extension.right, height: picture.height + extension.top + extension.bottom };
  requireTiles(size, path);
  const extended = SIDES.filter((side) => extension[side] > 0);
  const notices = extended.map((side) => `>> extending image ${side}ward by ${extension[side]} pixels`);
  return { tool: "outcrop", strength: STRENGTH.outcrop, canvas: extendPicture(picture, extension), notices };
}

function planMove(words: readonly string[], picture: TransparentPicture, path: string): ExtensionPlan {
  if (words.length < 1 || words.length > 2) throw new DreamError("usage/line", "Direction (-D) must have exactly one or two arguments.");
  const [side, count] = words;
  if (!isSide(side))
    throw new DreamError("usage/line", `Direction (-D) must be one of "top", "left", "bottom", "right", not ${quoted(side)}`);
  const length = side === "left" || side === "right" ? picture.width : picture.height;
  const pixels = count === undefined ? Math.floor(length / 2) : wholeNumber(count);
  if (!(pixels > 0 && pixels < length)) {
    throw new DreamError("usage/line", `Direction (-D) pixels length must be in the range 0 - image.size, here 1 to ${length - 1}`);
  }
  requireTiles(picture, path);
  return { tool: "outpaint", strength: STRENGTH.outpaint, canvas: movePicture(picture, side, pixels), notices: [] };
}

/** `top 64 left 128`; a side that comes twice has its last number. */
function readPairs(words: readonly string[]): Extension {
  const asked = { top: 0, left: 0, bottom: 0, right: 0 };
  for (let i = 0; i < words.length || i === 0; i += 2) {
    const side = words[i];
    const pixels = wholeNumber(words[i + 1]);
    if (side !== undefined && !isSide(side)) {
      throw new DreamError("usage/line", `Direction must be one of "top", "left", "bottom", "right", not ${quoted(side)}`);
    }
    if (side === undefined || !(pixels > 0 && pixels <= LONGEST_SIDE)) {
      const example = 'Use <directions> <pixels>..., as in "top 64 left 128 right 64 bottom 64"';
      throw new DreamError("usage/line", `invalid extension instruction. ${example}`);
    }
    asked[side] = pixels;
  }
  return asked;
}

/** Every extension grows to a multiple of 64, and the last one of an axis on until the whole is one. */
function roundedUp(asked: Extension, { width, height }: TransparentPicture): Extension {
  const up = (pixels: number) => Math.ceil(pixels / SIZE_STEP) * SIZE_STEP;
  const rounded = { top: up(asked.top), left: up(asked.left), bottom: up(asked.bottom), right: up(asked.right) };
  const missing = { width: up(width) - width, height: up(height) - height };
  if (rounded.right > 0) rounded.right += missing.width;
  else if (rounded.left > 0) rounded.left += missing.width;
  if (rounded.bottom > 0) rounded.bottom += missing.height;
  else if (rounded.top > 0) rounded.top += missing.height;
  return rounded;
}

/** @throws DreamError usage/line, image/too-large */
function requireTiles({ width, height }: { readonly width: number; readonly height: number }, path: string): void {
  if (Math.max(width, height) > LONGEST_SIDE) {
    throw new DreamError("image/too-large", `this would make ${width}x${height} pixels, and a side has at most ${LONGEST_SIDE}`);
  }
  if (width % SIZE_STEP === 0 && height % SIZE_STEP === 0) return;
  const sizes = `${path} would be painted in ${width}x${height} pixels, and both must be multiples of ${SIZE_STEP}`;
  throw new DreamError("usage/line", `${sizes}; extend it at the other side, too, with -c`);
}

function isSide(word: string | undefined): word is Side {
  return (SIDES as readonly (string | undefined)[]).includes(word);
}

/** NaN for what is none. */
function wholeNumber(word: string | undefined): number {
  return word !== undefined && /^\d{1,6}$/.test(word) ? Number(word) : Number.NaN;
}

function quoted(word: string | undefined): string {
  return JSON.stringify((word ?? "").slice(0, 100));
}
