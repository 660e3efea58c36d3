import { setImmediate as eventLoopTurn } from "node:timers/promises";
import { spreadLevels } from "../painting/spread-levels.js";
import type { RgbPicture } from "../pixels/encode-png.js";
import type { PixelSize } from "../pixels/resize.js";
import { inverse, moved, type Similarity } from "./align-face.js";
import { sampleInto } from "./sample-picture.js";
import { softenLevels } from "./soften-levels.js";

/** Columns and rows of nothing that are kept around a face, so that its soft edge ends as in the whole picture. */
const MARGIN = 3;
/** Pixels between two looks at what else there is to do. */
const PIXELS_A_TURN = 200_000;

/**
 * Puts an upright face back to where it came from. Its square ends softly inside itself: the outermost tenth of its side is mixed with the
 * picture, and what lies further out stays bit for bit. The square mask of facexlib's `paste_faces_to_input_image`, but a square that is cut by
 * the picture's edge goes on beyond it (there its corner leaves a streak), its right and lower edge are not darkened, and colours are rounded
 * (there all fractions are cut off at the end).
 *
 * @param picture changed in place
 * @param face a square
 * @param alignment from the picture into that square
 * @param onTurn called now and then; what it throws ends the work
 */
export async function pasteFace(
  picture: RgbPicture,
  face: RgbPicture,
  alignment: Similarity,
  onTurn: () => void = () => {},
): Promise<void> {
  const region = regionOf(picture, face.width, alignment);
  if (region === undefined) return;
  let worked = 0;
  const betweenLines = async () => {
    worked += Math.max(region.width, region.height);
    if (worked < PIXELS_A_TURN) return;
    worked = 0;
    await eventLoopTurn();
    onTurn();
  };
  const mask = await softMask(region, picture, { side: face.width, alignment }, betweenLines);
  const colour = new Float32Array(3);
  const last = face.width - 1;
  for (let row = Math.max(0, region.top); row < Math.min(picture.height, region.top + region.height); row++) {
    for (let column = Math.max(0, region.left); column < Math.min(picture.width, region.left + region.width); column++) {
      const part = mask[(row - region.top) * region.width + column - region.left]!;
      if (part === 0) continue;
      const [fromX, fromY] = moved(alignment, [column, row]);
      sampleInto(colour, 0, face, Math.min(Math.max(fromX, 0), last), Math.min(Math.max(fromY, 0), last));
      const at = (row * picture.width + column) * 3;
      for (let channel = 0; channel < 3; channel++) {
        picture.rgb[at + channel] = Math.round(part * colour[channel]! + (1 - part) * picture.rgb[at + channel]!);
      }
    }
    await betweenLines();
  }
}

/** Bytes that pasting takes for each pixel of the picture, at most. */
export const PASTING_BYTES_PER_PIXEL = 24;

/** A rectangle, which may reach beyond the picture. */
interface Region extends PixelSize {
  readonly left: number;
  readonly top: number;
}

/** What a face covers of the picture, and a little around it, as far as the picture's pixels depend on it; undefined when it lies beyond. */
function regionOf({ width, height }: PixelSize, side: number, alignment: Similarity): Region | undefined {
  const back = inverse(alignment);
  const last = side - 1;
  const corners = [moved(back, [0, 0]), moved(back, [last, 0]), moved(back, [0, last]), moved(back, [last, last])];
  const [columns, rows] = [corners.map(([x]) => x), corners.map(([, y]) => y)];
  const [left, right] = [Math.floor(Math.min(...columns)) - MARGIN, Math.ceil(Math.max(...columns)) + MARGIN + 1];
  const [top, bottom] = [Math.floor(Math.min(...rows)) - MARGIN, Math.ceil(Math.max(...rows)) + MARGIN + 1];
  if (left >= width || right <= 0 || top >= height || bottom <= 0) return undefined;
  // The soft edge is as wide as a tenth of what can be seen of the square.
  const reach = Math.ceil(Math.max(width, height) / 10) + MARGIN;
  const region = { left: Math.max(left, -reach), top: Math.max(top, -reach) };
  return { ...region, width: Math.min(right, width + reach) - region.left, height: Math.min(bottom, height + reach) - region.top };
}

/** The square without its border of interpolated pixels, narrowed, softened, and nothing outside of it. */
async function softMask(
  region: Region,
  picture: PixelSize,
  { side, alignment }: { readonly side: number; readonly alignment: Similarity },
  betweenLines: () => Promise<void>,
): Promise<Float32Array> {
  const covered = new Float32Array(region.width * region.height);
  for (let y = 0; y < region.height; y++) {
    for (let x = 0; x < region.width; x++) {
      const [column, row] = moved(alignment, [region.left + x, region.top + y]);
      covered[y * region.width + x] = coverage(column, side) * coverage(row, side);
    }
    await betweenLines();
  }
  const hard = spreadLevels(covered, region, { before: 1, behind: 0 }, "lowest");
  const edge = Math.floor(Math.trunc(Math.sqrt(visibleArea(hard, region, picture))) / 20);
  const soft = edge === 0 ? hard.slice() : spreadLevels(hard, region, { before: edge, behind: edge - 1 }, "lowest");
  await softenLevels(soft, region, edge, betweenLines);
  for (let i = 0; i < soft.length; i++) soft[i] = soft[i]! * hard[i]!;
  return soft;
}

function visibleArea(mask: Float32Array, region: Region, { width, height }: PixelSize): number {
  let area = 0;
  for (let y = Math.max(0, -region.top); y < Math.min(region.height, height - region.top); y++) {
    for (let x = Math.max(0, -region.left); x < Math.min(region.width, width - region.left); x++) area += mask[y * region.width + x]!;
  }
  return area;
}

/** How much of a sample at this place comes from the square, along one axis. */
function coverage(place: number, side: number): number {
  return Math.min(1, Math.max(0, Math.min(place + 1, side - place)));
}
