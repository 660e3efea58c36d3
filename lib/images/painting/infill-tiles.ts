import { NumpyPcg64 } from "../../random/numpy-pcg64.js";
import type { RgbPicture, TransparentPicture } from "../pixels/encode-png.js";

/** The upper left corner of a tile. */
interface Tile {
  readonly left: number;
  readonly top: number;
}

/**
 * The picture with every tile that holds a fully transparent pixel replaced by one that holds none, chosen by numpy's generator as InvokeAI
 * 2.3 does. Tiles that the edge cuts are filled, but not copied (InvokeAI fails on them).
 *
 * @param side of a tile in pixels
 * @param seed 0 … 2³²−1
 * @returns undefined when there is no tile to copy
 */
export function tiledHole(picture: Required<TransparentPicture>, side: number, seed: number): RgbPicture | undefined {
  const { width, height } = picture;
  const tiles: Tile[] = [];
  for (let top = 0; top < height; top += side) {
    for (let left = 0; left < width; left += side) tiles.push({ left, top });
  }
  const [holes, others] = partition(tiles, (tile) => holdsTransparent(picture, tile, side));
  const whole = others.filter(({ left, top }) => left + side <= width && top + side <= height);
  if (whole.length === 0) return undefined;
  const rgb = picture.rgb.slice();
  const source = new NumpyPcg64(seed);
  for (const hole of holes) {
    const from = whole[source.below(whole.length)]!;
    const across = Math.min(side, width - hole.left);
    for (let y = 0; y < Math.min(side, height - hole.top); y++) {
      const start = ((from.top + y) * width + from.left) * 3;
      rgb.set(picture.rgb.subarray(start, start + across * 3), ((hole.top + y) * width + hole.left) * 3);
    }
  }
  return { width, height, rgb };
}

function holdsTransparent({ width, height, alpha }: Required<TransparentPicture>, { left, top }: Tile, side: number): boolean {
  for (let y = top; y < Math.min(top + side, height); y++) {
    if (alpha.subarray(y * width + left, y * width + Math.min(left + side, width)).includes(0)) return true;
  }
  return false;
}

function partition<T>(items: readonly T[], test: (item: T) => boolean): readonly [T[], T[]] {
  const [yes, no]: [T[], T[]] = [[], []];
  for (const item of items) (test(item) ? yes : no).push(item);
  return [yes, no];
}
