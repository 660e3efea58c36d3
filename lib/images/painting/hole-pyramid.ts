import type { PixelSize } from "../pixels/resize.js";

/** A picture of which some pixels are missing. */
export interface HoledPicture extends PixelSize {
  /** width·height·3 bytes, row-major. */
  readonly rgb: Uint8Array;
  /** width·height bytes: 1 is missing, 0 is there. */
  readonly hole: Uint8Array;
}

/** Shorter sides are not halved. */
const SHORTEST_SIDE = 16;

/** The picture and its halves, the smallest last: the one without a hole, or as small as makes sense. */
export function holePyramid(picture: HoledPicture): readonly HoledPicture[] {
  const levels = [picture];
  for (let last = picture; last.hole.includes(1) && Math.min(last.width, last.height) >= 2 * SHORTEST_SIDE; ) {
    last = halved(last);
    levels.push(last);
  }
  return levels;
}

/** Each pixel is the mean of those of its four that are there. */
function halved({ width, height, rgb, hole }: HoledPicture): HoledPicture {
  const half = { width: Math.floor(width / 2), height: Math.floor(height / 2) };
  const area = half.width * half.height;
  const small = { ...half, rgb: new Uint8Array(area * 3), hole: new Uint8Array(area) };
  for (let place = 0; place < area; place++) {
    const corner = Math.floor(place / half.width) * 2 * width + (place % half.width) * 2;
    const there = [corner, corner + 1, corner + width, corner + width + 1].filter((from) => hole[from] === 0);
    small.hole[place] = there.length === 0 ? 1 : 0;
    for (let channel = 0; channel < 3 && there.length > 0; channel++) {
      small.rgb[place * 3 + channel] = Math.round(there.reduce((sum, from) => sum + rgb[from * 3 + channel]!, 0) / there.length);
    }
  }
  return small;
}
