import type { Generated } from "../../engine/engine.js";
import type { StageSeconds } from "../../engine/protocol.js";
import { cutTile, layTile } from "../../images/painting/lay-tile.js";
import { planTiles, type TileLayout } from "../../images/painting/tile-layout.js";
import { TileRamps } from "../../images/painting/tile-ramps.js";
import type { RgbPicture } from "../../images/pixels/encode-png.js";
import type { PixelSize } from "../../images/pixels/resize.js";
import type { PictureSettings } from "../../options/picture-settings.js";

/** The settings of a picture that is drawn in tiles. */
export type TiledSettings = PictureSettings & Required<Pick<PictureSettings, "embiggen">>;

/** Draws one tile over its part of the enlarged picture. @param done tiles that are finished */
export type DrawTile = (settings: PictureSettings, part: RgbPicture, done: number) => Promise<Generated | "cancelled">;

/** One after the other: numpy's largest 32-bit number is never a seed, and behind the one before it the count begins anew. */
const LAST_SEED = 0xffff_fffe;

/** @throws DreamError usage/line, see `planTiles` */
export function tilesOf(settings: Pick<TiledSettings, "width" | "height" | "embiggen" | "embiggenTiles">, enlarged: PixelSize): TileLayout {
  const { width, height, embiggen, embiggenTiles } = settings;
  const [, , overlap] = embiggen;
  return planTiles(enlarged, { width, height }, overlap, embiggenTiles);
}

/** The seed of a tile. @param index from 0 */
export function tileSeed(seed: number, index: number): number {
  if (index === 0) return seed;
  return seed > LAST_SEED ? index - 1 : (seed + index) % (LAST_SEED + 1);
}

/**
 * Draws an enlarged picture again in tiles and lays them one over the other. There is one tile at a time in memory, beside the enlarged picture
 * and the canvas, three bytes a pixel each. With a list of tiles the canvas begins as the enlarged picture.
 *
 * @param say shows one line
 */
export async function drawTiles(
  settings: TiledSettings,
  enlarged: RgbPicture,
  drawTile: DrawTile,
  say: (text: string) => void,
): Promise<Generated | "cancelled"> {
  const { columns, rows, tiles, ...layout } = tilesOf(settings, enlarged);
  const some = settings.embiggenTiles !== undefined;
  say(`>> Making ${tiles.length} Embiggen tiles${some ? "" : ` (${columns}x${rows})`}...`);
  const ramps = await TileRamps.create(layout);
  const canvas = { width: enlarged.width, height: enlarged.height, rgb: some ? enlarged.rgb.slice() : new Uint8Array(enlarged.rgb.length) };
  let seconds: StageSeconds = { conditioning: 0, sampling: 0, decoding: 0 };
  for (const [done, tile] of tiles.entries()) {
    const { index } = tile;
    say(some ? `Making tile #${index + 1} (${done + 1} of ${tiles.length} requested)` : `Starting ${done + 1} of ${tiles.length} tiles`);
    const drawn = await drawTile(settingsOfTile(settings, index), cutTile(enlarged, tile, layout.tile), done);
    if (drawn === "cancelled") return "cancelled";
    layTile(canvas, drawn.image, ramps.levels(tile.sides), tile);
    seconds = sum(seconds, drawn.seconds);
  }
  return { image: canvas, seconds };
}

/** Tiles of one noise would show one motif; so the noises that are mixed in go on, too. */
function settingsOfTile({ embiggen, embiggenTiles, ...settings }: TiledSettings, index: number): PictureSettings {
  const withVariations = settings.withVariations.map(({ seed, weight }) => ({ seed: tileSeed(seed, index), weight }));
  return { ...settings, seed: tileSeed(settings.seed, index), withVariations };
}

function sum(one: StageSeconds, other: StageSeconds): StageSeconds {
  return {
    conditioning: one.conditioning + other.conditioning,
    sampling: one.sampling + other.sampling,
    decoding: one.decoding + other.decoding,
  };
}
