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
const PIXELS_A_TURN = 1_000_000;

/**
 * Puts an upright face back to where it came from. Its square ends softly inside itself: the outermost tenth of its side is mixed with the
 * picture, and what lies further out stays bit for bit. The square mask of facexlib's `paste_faces_to_input_image`, which cuts off the fractions
 * of all faces at the end and darkens the outermost pixel of some edges by less than a level.
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
  const { hard, soft } = await masks(region, face.width, alignment, betweenLines);
  const colour = new Float32Array(3);
  const last = face.width - 1;
  for (let y = 0; y < region.height; y++) {
    for (let x = 0; x < region.width; x++) {
      const part = soft[y * region.width + x]! * hard[y * region.width + x]!;
      if (part === 0) continue;
      const [column, row] = [region.left + x, region.top + y];
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
export const PASTING_BYTES_PER_PIXEL = 16;

/** A rectangle of the picture. */
interface Region extends PixelSize {
  readonly left: number;
  readonly top: number;
}

/** What a face covers of the picture, and a little around it; undefined when it lies beyond. */
function regionOf({ width, height }: PixelSize, side: number, alignment: Similarity): Region | undefined {
  const back = inverse(alignment);
  const last = side - 1;
  const corners = [moved(back, [0, 0]), moved(back, [last, 0]), moved(back, [0, last]), moved(back, [last, last])];
  const [columns, rows] = [corners.map(([x]) => x), corners.map(([, y]) => y)];
  const left = Math.max(0, Math.floor(Math.min(...columns)) - MARGIN);
  const top = Math.max(0, Math.floor(Math.min(...rows)) - MARGIN);
  const right = Math.min(width, Math.ceil(Math.max(...columns)) + MARGIN + 1);
  const bottom = Math.min(height, Math.ceil(Math.max(...rows)) + MARGIN + 1);
  return left < right && top < bottom ? { left, top, width: right - left, height: bottom - top } : undefined;
}

/** The square in the picture without its border of interpolated pixels, and the same narrowed and softened. */
async function masks(region: Region, side: number, alignment: Similarity, betweenLines: () => Promise<void>) {
  const covered = new Float32Array(region.width * region.height);
  for (let y = 0; y < region.height; y++) {
    for (let x = 0; x < region.width; x++) {
      const [column, row] = moved(alignment, [region.left + x, region.top + y]);
      covered[y * region.width + x] = coverage(column, side) * coverage(row, side);
    }
    await betweenLines();
  }
  const hard = spreadLevels(covered, region, { before: 1, behind: 0 }, "lowest");
  const area = hard.reduce((sum, part) => sum + part, 0);
  const edge = Math.floor(Math.trunc(Math.sqrt(area)) / 20);
  const soft = spreadLevels(hard, region, { before: edge, behind: Math.max(0, edge - 1) }, "lowest");
  const blurred = soft === hard ? hard.slice() : soft;
  await softenLevels(blurred, region, edge, betweenLines);
  return { hard, soft: blurred };
}

/** How much of a sample at this place comes from the square, along one axis. */
function coverage(place: number, side: number): number {
  return Math.min(1, Math.max(0, Math.min(place + 1, side - place)));
}
