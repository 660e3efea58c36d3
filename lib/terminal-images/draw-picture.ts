import { encodePng, type RgbPicture } from "../images/pixels/encode-png.js";
import { type PixelSize, resizePicture, sizeInside } from "../images/pixels/resize.js";
import { asciiPicture } from "./ascii.js";
import type { PictureProtocol, TextColours } from "./detect.js";
import { halfBlocks } from "./half-blocks.js";
import { itermPicture } from "./iterm.js";
import { kittyPicture } from "./kitty.js";
import { sixelPicture } from "./sixel.js";

/** What the terminal can show and how much room there is. */
export interface PictureRoom {
  /** "none" draws with letters. */
  readonly protocol: PictureProtocol;
  readonly colours: TextColours;
  /** False when the terminal has ASCII only. */
  readonly unicode: boolean;
  /** Most columns and rows to cover. */
  readonly columns: number;
  readonly rows: number;
  /** Pixels of one letter; 10×20 when nobody knows. */
  readonly cell?: PixelSize;
}

const USUAL_CELL: PixelSize = { width: 10, height: 20 };
/** However large a terminal says that it is, a picture in it is only a look at the file. */
const MAX_COLUMNS = 400;
const MAX_ROWS = 200;
const MAX_CELL = 64;

/**
 * Text that shows a picture in the terminal from the beginning of the current line on, ending with a line end. The picture is made smaller
 * to fit, never larger than its own pixels.
 */
export async function drawPicture(picture: RgbPicture, room: PictureRoom): Promise<string> {
  const { protocol, colours, unicode } = room;
  const columns = bounded(room.columns, MAX_COLUMNS);
  const rows = bounded(room.rows, MAX_ROWS);
  const cell = {
    width: bounded(room.cell?.width ?? USUAL_CELL.width, MAX_CELL),
    height: bounded(room.cell?.height ?? USUAL_CELL.height, MAX_CELL),
  };
  const shrink = (box: PixelSize) => resizePicture(picture, sizeInside(picture, box), "lanczos");
  if (protocol === "none") {
    const letters = await shrink({ width: columns, height: rows * 2 });
    return unicode && colours !== "none" ? halfBlocks(letters, colours) : asciiPicture(letters);
  }
  const pixels = await shrink({ width: columns * cell.width, height: rows * cell.height });
  if (protocol === "sixel") return sixelPicture(pixels);
  const png = await encodePng(pixels, []);
  const covered = Math.min(columns, Math.ceil(pixels.width / cell.width));
  return protocol === "kitty" ? kittyPicture(png, covered) : itermPicture(png, covered);
}

function bounded(count: number, limit: number): number {
  return Math.min(limit, Math.max(1, Math.floor(count) || 1));
}
