import type { GeneratedImage } from "../engine/protocol.js";
import { resizePicture } from "../images/pixels/resize.js";
import type { PixelRecipe } from "../models/pixel-recipe.js";

/**
 * What CLIP sees of a picture, as transformers' CLIPImageProcessor prepares it: the shorter side is resized to the recipe's by the bicubic filter,
 * then the middle is taken.
 * @returns (3, side, side)
 */
export async function clipPixels(picture: GeneratedImage, recipe: PixelRecipe): Promise<Float32Array> {
  const { side } = recipe;
  const shorter = Math.min(picture.width, picture.height);
  const scaled = (length: number) => Math.floor((side * length) / shorter);
  const resized = await resizePicture(picture, { width: scaled(picture.width), height: scaled(picture.height) }, "bicubic");
  const left = Math.floor((resized.width - side) / 2);
  const top = Math.floor((resized.height - side) / 2);
  return normalizedPlanes(resized, { left, top }, recipe);
}

/** A square of a picture as (3, side, side), by the recipe. */
function normalizedPlanes(
  { width, rgb }: GeneratedImage,
  { left, top }: { readonly left: number; readonly top: number },
  { side, mean, deviation }: PixelRecipe,
): Float32Array {
  const area = side * side;
  const planes = new Float32Array(3 * area);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const from = ((top + y) * width + left + x) * 3;
      for (let channel = 0; channel < 3; channel++) {
        planes[channel * area + y * side + x] = (rgb[from + channel]! / 255 - mean[channel]!) / deviation[channel]!;
      }
    }
  }
  return planes;
}

/**
 * What CLIPSeg sees of a picture, as InvokeAI 2.3 prepares it: the whole of it in the top left of a black square, by the Lanczos filter.
 * @returns (3, side, side)
 */
export async function fittedPixels(picture: GeneratedImage, recipe: PixelRecipe): Promise<Float32Array> {
  const { side } = recipe;
  const scale = side / Math.max(picture.width, picture.height);
  const scaled = (length: number) => Math.max(1, Math.floor(scale * length));
  const resized = await resizePicture(picture, { width: scaled(picture.width), height: scaled(picture.height) }, "lanczos");
  const square = { width: side, height: side, rgb: new Uint8Array(side * side * 3) };
  const row = resized.width * 3;
  for (let y = 0; y < resized.height; y++) square.rgb.set(resized.rgb.subarray(y * row, (y + 1) * row), y * side * 3);
  return normalizedPlanes(square, { left: 0, top: 0 }, recipe);
}
