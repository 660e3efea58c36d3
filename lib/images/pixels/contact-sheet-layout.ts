import { DreamError } from "../../errors.js";
import { CHARACTER_HEIGHT, textWidth } from "./bitmap-font.js";
import type { Rectangle } from "./canvas.js";
import { gridShape } from "./grid.js";

/** One switch or prompt place of a sweep with what it was given. */
export interface SweepAxis {
  /** As the user wrote it: "-C", "-A", "prompt". */
  readonly name: string;
  readonly values: readonly string[];
}

/** Longest side of a sheet in pixels; larger ones are refused by viewers and browsers. */
const MAX_SIDE = 8192;
/** Below this nothing can be seen. */
const MIN_CELL = 16;
const GAP = 8;
/** Cells of this many pixels have letters of the font's own size; larger cells have larger letters. */
const PIXELS_A_SCALE = 170;

interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** A text of the sheet. */
export interface Label {
  readonly text: string;
  /** Where it is centred. */
  readonly place: Rectangle;
}

/** Where everything on a contact sheet lies, in pixels. */
export interface SheetLayout {
  readonly width: number;
  readonly height: number;
  /** Of the font. */
  readonly scale: number;
  readonly cell: (index: number) => Rectangle;
  readonly labels: readonly Label[];
  readonly note?: string;
}

/**
 * Plans a sheet of `count` pictures of the given size. One or two axes are written in the margins, any other number under every picture.
 * Sheets that would be too large get smaller cells.
 *
 * @throws DreamError image/too-large when the cells would become too small
 */
export function planSheet(axes: readonly SweepAxis[], count: number, { width, height }: PictureSize): SheetLayout {
  const inMargins = axes.length === 1 || axes.length === 2;
  const columns = inMargins ? axes.at(-1)!.values.length : gridShape(count).columns;
  const rows = Math.ceil(count / columns);
  const rowTexts = axes.length === 2 ? axes[0]!.values.map((value) => labelText(axes[0]!, value)) : [];

  const measure = (factor: number) => {
    const cellWidth = Math.max(1, Math.floor(width * factor));
    const cellHeight = Math.max(1, Math.floor(height * factor));
    const scale = Math.max(1, Math.round(cellWidth / PIXELS_A_SCALE));
    const line = CHARACTER_HEIGHT * scale + GAP;
    const left = GAP + Math.min(longest(rowTexts, scale), Math.max(cellWidth, MIN_CELL * 4)) + (rowTexts.length > 0 ? GAP : 0);
    const top = GAP + (inMargins ? line : 0);
    const pitchX = cellWidth + GAP;
    const pitchY = cellHeight + GAP + (inMargins ? 0 : axes.length * line);
    return { cellWidth, cellHeight, scale, line, left, top, pitchX, pitchY, width: left + columns * pitchX, height: top + rows * pitchY };
  };

  let factor = 1;
  let size = measure(factor);
  while (Math.max(size.width, size.height) > MAX_SIDE && Math.min(size.cellWidth, size.cellHeight) >= MIN_CELL) {
    factor *= Math.min(0.98, MAX_SIDE / Math.max(size.width, size.height));
    size = measure(factor);
  }
  if (Math.max(size.width, size.height) > MAX_SIDE || (factor < 1 && Math.min(size.cellWidth, size.cellHeight) < MIN_CELL)) {
    throw new DreamError("image/too-large", `a contact sheet of ${count} pictures would show nothing; ask for fewer or leave out -g`);
  }

  const { cellWidth, cellHeight, line, left, top, pitchX, pitchY } = size;
  const cell = (index: number): Rectangle => ({
    left: left + (index % columns) * pitchX,
    top: top + Math.floor(index / columns) * pitchY,
    width: cellWidth,
    height: cellHeight,
  });
  const above = (text: string, column: number): Label => ({
    text,
    place: { left: left + column * pitchX, top: GAP / 2, width: cellWidth, height: line },
  });
  const beside = (text: string, row: number): Label => ({
    text,
    place: { left: GAP, top: top + row * pitchY, width: left - 2 * GAP, height: cellHeight },
  });
  const below = (index: number): Label[] => {
    const { left: x, top: y } = cell(index);
    return captionOf(axes, index).map((text, i) => ({
      text,
      place: { left: x, top: y + cellHeight + i * line, width: cellWidth, height: line },
    }));
  };
  const labels = inMargins
    ? [...axes.at(-1)!.values.map((value, i) => above(labelText(axes.at(-1)!, value), i)), ...rowTexts.map(beside)]
    : Array.from({ length: count }, (_, i) => below(i)).flat();
  const note =
    factor < 1
      ? `the contact sheet shows ${width}×${height} pictures at ${cellWidth}×${cellHeight}, to stay below ${MAX_SIDE} pixels`
      : undefined;
  return { width: size.width, height: size.height, scale: size.scale, cell, labels, note };
}

function labelText(axis: SweepAxis, value: string): string {
  return `${axis.name} ${value}`;
}

/** The values of a picture, one line an axis: its index in mixed radix, the last axis being the lowest digit. */
function captionOf(axes: readonly SweepAxis[], index: number): string[] {
  let rest = index;
  return axes
    .toReversed()
    .map((axis) => {
      const value = axis.values[rest % axis.values.length]!;
      rest = Math.floor(rest / axis.values.length);
      return labelText(axis, value);
    })
    .reverse();
}

function longest(texts: readonly string[], scale: number): number {
  return texts.reduce((width, text) => Math.max(width, textWidth(text, scale)), 0);
}
