import type { RgbPicture } from "./encode-png.js";

/** How far two pictures of one size are apart. */
export interface PictureDifference {
  /** Pixels that differ in any channel, and how many there are. */
  readonly differing: number;
  readonly pixels: number;
  /** Of the absolute differences of all channels of all pixels, 0 … 255. */
  readonly mean: number;
  readonly largest: number;
}

/** Compares two pictures pixel by pixel. @throws RangeError when their sizes differ */
export function comparePictures(one: RgbPicture, other: RgbPicture): PictureDifference {
  const pixels = one.width * one.height;
  if (one.width !== other.width || one.height !== other.height) throw new RangeError("pictures of different sizes");
  let [differing, sum, largest] = [0, 0, 0];
  for (let pixel = 0; pixel < pixels; pixel++) {
    let most = 0;
    for (let i = pixel * 3; i < pixel * 3 + 3; i++) {
      const difference = Math.abs(one.rgb[i]! - other.rgb[i]!);
      sum += difference;
      if (difference > most) most = difference;
    }
    if (most > 0) differing++;
    if (most > largest) largest = most;
  }
  return { differing, pixels, mean: sum / (pixels * 3), largest };
}
