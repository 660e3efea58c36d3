import { CHARACTER_HEIGHT, cutText, drawText, textWidth } from "./bitmap-font.js";
import { blankCanvas, type Canvas, fillRectangle, paste, type Rectangle } from "./canvas.js";
import { type Label, planSheet, type SweepAxis } from "./contact-sheet-layout.js";
import type { RgbPicture } from "./encode-png.js";
import { resizePicture, sizeInside } from "./resize.js";

export interface ContactSheet {
  readonly picture: RgbPicture;
  /** What to tell the user when the pictures had to be made smaller. */
  readonly note?: string;
}

const WHITE = 255;
const LINE = 200;

/**
 * All pictures of a sweep on one labelled sheet. With one axis its values stand above the columns; with two, the first axis's values
 * stand left of the rows; otherwise every picture has its values under it and the pictures are laid out like a grid.
 *
 * @param axes from the slowest to the fastest
 * @param pictures the cross product, the last axis fastest; undefined where none was made
 * @throws DreamError image/too-large when there are so many that nothing could be seen
 */
export async function makeContactSheet(axes: readonly SweepAxis[], pictures: readonly (RgbPicture | undefined)[]): Promise<ContactSheet> {
  const first = pictures.find((picture) => picture !== undefined);
  if (first === undefined) throw new RangeError("a contact sheet of no pictures");
  const layout = planSheet(axes, pictures.length, first);
  const canvas = blankCanvas(layout.width, layout.height, WHITE);
  for (const [i, picture] of pictures.entries()) {
    const cell = layout.cell(i);
    fillRectangle(canvas, { left: cell.left - 1, top: cell.top - 1, width: cell.width + 2, height: cell.height + 2 }, LINE);
    fillRectangle(canvas, cell, WHITE);
    if (picture !== undefined) paste(canvas, await fitInto(picture, cell), cell);
  }
  for (const label of layout.labels) drawLabel(canvas, label, layout.scale);
  return { picture: canvas, note: layout.note };
}

function drawLabel(canvas: Canvas, { text, place }: Label, scale: number): void {
  const shown = cutText(text, place.width, scale);
  const left = place.left + Math.max(0, Math.floor((place.width - textWidth(shown, scale)) / 2));
  const top = place.top + Math.floor((place.height - CHARACTER_HEIGHT * scale) / 2);
  drawText(canvas, shown, left, top, scale);
}

/** The picture in a cell's size, its proportions kept; pictures that fit already stay as they are. */
async function fitInto(picture: RgbPicture, cell: Rectangle): Promise<RgbPicture> {
  return resizePicture(picture, sizeInside(picture, cell), "lanczos");
}
