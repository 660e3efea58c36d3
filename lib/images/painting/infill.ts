import { blankCanvas } from "../pixels/canvas.js";
import type { RgbPicture, TransparentPicture } from "../pixels/encode-png.js";
import { patchedHole } from "./infill-patches.js";
import { tiledHole } from "./infill-tiles.js";
import { mixed } from "./paste-back.js";

/** What is put below transparent pixels before they are painted. */
export interface Infill {
  readonly method: "patchmatch" | "tile" | "solid";
  /** Pixels of a tile's side. */
  readonly tileSize: number;
}

/** The level that encodes to nothing; InvokeAI 2.3's as well. */
const GREY = 127;

/**
 * Fills what is transparent, so that painting has something to begin with, and puts the visible part over it by its opacity. Where
 * nothing can be copied, because all is transparent or no whole tile is there, it becomes grey.
 *
 * @param how undefined keeps the colours that lie below the transparent pixels
 * @param seed of all choices, 0 … 2³²−1
 * @param onTurn called now and then; what it throws ends the work
 */
export async function infill(picture: TransparentPicture, how: Infill | undefined, seed: number, onTurn: () => void): Promise<RgbPicture> {
  const { width, height, rgb, alpha } = picture;
  const visible = { width, height, rgb };
  if (alpha === undefined || how === undefined) return visible;
  const filled = (await fill({ ...visible, alpha }, how, seed, onTurn)) ?? blankCanvas(width, height, GREY);
  return mixed(filled, visible, alpha);
}

async function fill(
  picture: Required<TransparentPicture>,
  { method, tileSize }: Infill,
  seed: number,
  onTurn: () => void,
): Promise<RgbPicture | undefined> {
  if (method === "tile") return tiledHole(picture, tileSize, seed);
  return method === "patchmatch" ? patchedHole(picture, seed, onTurn) : undefined;
}
