import type { PixelSize } from "../pixels/resize.js";
import { resizeLevels } from "../pixels/resize-levels.js";
import type { FadingSides, TileLayout } from "./tile-layout.js";

/** Levels a side of the gradients that the ramps are resized from. */
const GRADIENT = 256;

/**
 * How opaque a tile is: 255, and falling to 0 over the overlap at sides that fade. Gradients, corners and their order are those of InvokeAI
 * 2.3: a ramp is linear, a corner of two ramps is the quarter of a circle, and a trailing corner fades along a slanted line.
 */
export class TileRamps {
  private constructor(
    private readonly tile: PixelSize,
    private readonly overlap: TileLayout["overlap"],
    /** From 0 at the border. */
    private readonly across: Uint8Array,
    private readonly down: Uint8Array,
    /** across·down levels, for the upper left; the trailing one for the upper right. */
    private readonly corner: Uint8Array,
    private readonly trailing: Uint8Array,
  ) {}

  static async create({ tile, overlap }: Pick<TileLayout, "tile" | "overlap">): Promise<TileRamps> {
    const { across, down } = overlap;
    const size = { width: across, height: down };
    return new TileRamps(
      tile,
      overlap,
      await gradient((x) => x, { width: GRADIENT, height: 1 }, { width: across, height: 1 }),
      await gradient((_, y) => y, { width: 1, height: GRADIENT }, { width: 1, height: down }),
      await gradient((x, y) => 255 - Math.hypot(255 - x, 255 - y), { width: GRADIENT, height: GRADIENT }, size),
      await gradient((x, y) => Math.max(0, y - x) * (255 / Math.max(1, 255 - x)), { width: GRADIENT, height: GRADIENT }, size),
    );
  }

  /** @returns tile.width·tile.height levels, 255 opaque */
  levels(sides: FadingSides): Uint8Array {
    const { width, height } = this.tile;
    const { across, down } = this.overlap;
    const levels = new Uint8Array(width * height).fill(255);
    for (let y = 0; y < height; y++) {
      // Distances from a side, as the gradients count them.
      const top = y;
      const bottom = height - 1 - y;
      const isTop = sides.top && top < down;
      const isBottom = sides.bottom && bottom < down;
      for (let x = 0; x < width; x++) {
        const left = x;
        const right = width - 1 - x;
        const isLeft = sides.left && left < across;
        const isRight = sides.right && right < across;
        const place = y * width + x;
        if (isLeft) levels[place] = this.across[left]!;
        if (isRight) levels[place] = this.across[right]!;
        if (isTop) levels[place] = this.down[top]!;
        if (isBottom) levels[place] = this.down[bottom]!;
        if ((isLeft || isRight) && (isTop || isBottom)) {
          levels[place] = this.corner[(isTop ? top : bottom) * across + (isLeft ? left : right)]!;
        }
        if (sides.trailing && isTop && right < across) levels[place] = this.trailing[top * across + across - 1 - right]!;
      }
    }
    return levels;
  }
}

/** Levels of one size, resized to another. @param level rounded and cut to 0 … 255 */
async function gradient(level: (x: number, y: number) => number, from: PixelSize, to: PixelSize): Promise<Uint8Array> {
  if (to.width === 0 || to.height === 0) return new Uint8Array(0);
  const levels = Uint8ClampedArray.from({ length: from.width * from.height }, (_, i) => level(i % from.width, Math.floor(i / from.width)));
  return resizeLevels(new Uint8Array(levels.buffer), from, to, "bicubic");
}
