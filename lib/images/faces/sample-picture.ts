import type { RgbPicture } from "../pixels/encode-png.js";
import { inverse, type Similarity } from "./align-face.js";

/** What a face that reaches beyond the picture is continued with: the grey of facexlib, (135, 133, 132) in its order of blue, green, red. */
const BEYOND = [132, 133, 135] as const;

/**
 * The upright square of a face, by bilinear sampling.
 *
 * @param alignment from the picture into the square
 * @param side pixels of the square
 */
export function cutFace(picture: RgbPicture, alignment: Similarity, side: number): RgbPicture {
  const { cosine, sine, right, down } = inverse(alignment);
  // The clamped array rounds.
  const rgb = new Uint8ClampedArray(side * side * 3);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      sampleInto(rgb, (y * side + x) * 3, picture, cosine * x - sine * y + right, sine * x + cosine * y + down);
    }
  }
  return { width: side, height: side, rgb: new Uint8Array(rgb.buffer) };
}

/** Writes the colour at a place between four pixels, some of which may lie beyond the picture. */
export function sampleInto(target: Uint8ClampedArray | Float32Array, at: number, picture: RgbPicture, x: number, y: number): void {
  const { width, height, rgb } = picture;
  const [left, top] = [Math.floor(x), Math.floor(y)];
  const [right, below] = [x - left, y - top];
  const isInside = left >= 0 && top >= 0 && left + 1 < width && top + 1 < height;
  const first = (top * width + left) * 3;
  for (let channel = 0; channel < 3; channel++) {
    const place = first + channel;
    const upperLeft = isInside ? rgb[place]! : levelAt(picture, left, top, channel);
    const upperRight = isInside ? rgb[place + 3]! : levelAt(picture, left + 1, top, channel);
    const lowerLeft = isInside ? rgb[place + width * 3]! : levelAt(picture, left, top + 1, channel);
    const lowerRight = isInside ? rgb[place + width * 3 + 3]! : levelAt(picture, left + 1, top + 1, channel);
    const upper = upperLeft + (upperRight - upperLeft) * right;
    const lower = lowerLeft + (lowerRight - lowerLeft) * right;
    target[at + channel] = upper + (lower - upper) * below;
  }
}

function levelAt({ width, height, rgb }: RgbPicture, column: number, row: number, channel: number): number {
  if (column < 0 || row < 0 || column >= width || row >= height) return BEYOND[channel]!;
  return rgb[(row * width + column) * 3 + channel]!;
}
