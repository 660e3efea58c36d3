import { DreamError } from "../../errors.js";
import type { PixelSize } from "../pixels/resize.js";

/** Sides of a tile at which it lies over others or over the picture below. */
export interface FadingSides {
  readonly left: boolean;
  readonly top: boolean;
  readonly right: boolean;
  readonly bottom: boolean;
  /** A tile at the right is laid over it next: its upper right corner fades out towards that one. */
  readonly trailing: boolean;
}

/** One tile of a large picture. */
export interface Tile {
  /** Row by row, from 0. */
  readonly index: number;
  readonly left: number;
  readonly top: number;
  readonly sides: FadingSides;
}

/** How a large picture is made of tiles of one size. */
export interface TileLayout {
  readonly tile: PixelSize;
  /** Pixels that neighbours share, more only before the last column and the last row. */
  readonly overlap: { readonly across: number; readonly down: number };
  readonly columns: number;
  readonly rows: number;
  /** Those that are drawn, in the order in which they are laid. */
  readonly tiles: readonly Tile[];
}

/** A picture of so many tiles takes hours; more are a mistake in the overlap. */
const MOST_TILES = 1024;

/**
 * Cuts a picture into tiles as InvokeAI 2.3 does: along a side there are 1 + ⌈(picture − tile) / (tile − overlap)⌉, and the last one ends where
 * the picture ends.
 *
 * @param overlap below 1 a share of the tile, else pixels
 * @param chosen numbers of the tiles to draw, from 1; all of them when absent
 * @throws DreamError usage/line when the picture is no larger than a tile, the tiles do not fit into it, or there is no such tile
 */
export function planTiles(picture: PixelSize, tile: PixelSize, overlap: number, chosen?: readonly number[]): TileLayout {
  const sizes = `${picture.width}x${picture.height} and tiles of ${tile.width}x${tile.height}`;
  if (picture.width <= tile.width && picture.height <= tile.height) {
    const sentence = `ERROR: Based on the requested dimensions of ${sizes} you don't need to Embiggen! Check your arguments.`;
    throw new DreamError("usage/line", sentence);
  }
  if (picture.width < tile.width || picture.height < tile.height) {
    throw new DreamError("usage/line", `a tile does not fit into the picture (${sizes}); give a smaller -W or -H`);
  }
  const shared = (side: number) => Math.round(overlap < 1 ? overlap * side : overlap);
  const across = shared(tile.width);
  const down = shared(tile.height);
  if (across >= tile.width || down >= tile.height) {
    throw new DreamError(
      "usage/line",
      `an overlap of ${overlap} leaves nothing of a tile of ${tile.width}x${tile.height}; give a smaller one`,
    );
  }
  const columns = 1 + Math.ceil((picture.width - tile.width) / (tile.width - across));
  const rows = 1 + Math.ceil((picture.height - tile.height) / (tile.height - down));
  const count = columns * rows;
  if (count > MOST_TILES)
    throw new DreamError("usage/line", `this would take ${count} tiles, and ${MOST_TILES} is the limit; give larger tiles`);
  const drawn = chosenTiles(chosen, count);
  const tiles = drawn.map((index): Tile => {
    const [row, column] = [Math.floor(index / columns), index % columns];
    const isLast = { column: column === columns - 1, row: row === rows - 1 };
    return {
      index,
      left: isLast.column ? picture.width - tile.width : column * (tile.width - across),
      top: isLast.row ? picture.height - tile.height : row * (tile.height - down),
      sides: fadingSides({ row, column, isLast }, { right: drawn.includes(index + 1), below: drawn.includes(index + columns) }),
    };
  });
  return { tile, overlap: { across, down }, columns, rows, tiles };
}

/** Numbers from 0 in order, each once. */
function chosenTiles(chosen: readonly number[] | undefined, count: number): readonly number[] {
  if (chosen === undefined) return Array.from({ length: count }, (_, index) => index);
  const missing = chosen.find((number) => !(number >= 1 && number <= count));
  if (missing !== undefined) {
    throw new DreamError("usage/line", `there is no tile ${missing}: there are ${count}, counted from 1, row by row from the upper left`);
  }
  return [...new Set(chosen)].map((number) => number - 1).sort((one, other) => one - other);
}

interface Place {
  readonly row: number;
  readonly column: number;
  readonly isLast: { readonly row: boolean; readonly column: boolean };
}

/** The border of the picture never fades; a side towards a tile that is laid later does not either. */
function fadingSides({ row, column, isLast }: Place, drawn: { readonly right: boolean; readonly below: boolean }): FadingSides {
  const top = row > 0;
  const bottom = !isLast.row && !drawn.below;
  const follows = !isLast.column && drawn.right;
  return { left: column > 0, top, right: !isLast.column && !drawn.right, bottom, trailing: top && !bottom && follows };
}
