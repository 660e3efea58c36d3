import { setImmediate as eventLoopTurn } from "node:timers/promises";
import type { GeneratedImage } from "../engine/protocol.js";
import { resizePicture } from "../images/pixels/resize.js";
import type { Extent } from "../networks/network-sessions.js";
import { type Span, tileSpans } from "../networks/spans.js";
import type { Upscaler } from "../networks/upscaler.js";

/** Bytes that one piece may take while it is enlarged; whatever size was asked for, pieces are no larger. */
export const PIECE_BYTES = 1e9;
/** A piece shows at least this many pixels a side of its own, however much it must see around them. */
const SMALLEST_OWN = 16;

export interface UpscaleOptions {
  /** Pixels a side of a piece, 0 for as many as memory allows. */
  readonly tile: number;
  /** Told after every piece; `piece` counts from 1 over all passes. */
  readonly onPiece: (piece: number, pieces: number) => void;
  readonly signal: AbortSignal;
}

/**
 * Enlarges a picture: the network is applied until the picture is large enough, then the Lanczos filter brings it to the exact size.
 * Memory depends on the size of the pieces, not on that of the picture: every piece is seen with its surroundings, and only what is its own is
 * kept of it.
 *
 * @param size what is wanted, at least the picture's own; pixels
 * @throws whatever `signal` was aborted with, seen between two pieces
 */
export async function upscale(
  upscaler: Upscaler,
  picture: GeneratedImage,
  size: { readonly width: number; readonly height: number },
  { tile, onPiece, signal }: UpscaleOptions,
): Promise<GeneratedImage> {
  const passes = planPasses(upscaler, picture, size, tile);
  const pieces = passes.reduce((sum, { rows, columns }) => sum + rows.length * columns.length, 0);
  let done = 0;
  let enlarged = picture;
  for (const pass of passes) {
    enlarged = await enlargeOnce(upscaler, enlarged, pass, async () => {
      onPiece(++done, pieces);
      await eventLoopTurn();
      signal.throwIfAborted();
    });
  }
  return resizePicture(enlarged, size, "lanczos", () => signal.throwIfAborted());
}

/** How one application of the network cuts its picture. */
interface Pass {
  /** In steps of the network. */
  readonly rows: readonly Span[];
  readonly columns: readonly Span[];
}

function planPasses(upscaler: Upscaler, picture: Extent, size: Extent, tile: number): Pass[] {
  const passes: Pass[] = [];
  let { width, height } = picture;
  while (width < size.width || height < size.height) {
    const { rows, columns } = pieceSides(upscaler, { width, height }, tile);
    passes.push({ rows, columns });
    width *= upscaler.scale;
    height *= upscaler.scale;
  }
  return passes;
}

function pieceSides({ step, context, bytesPerPixel, pieceSize }: Upscaler, { width, height }: Extent, tile: number): Pass {
  const overlap = 2 * Math.ceil(context / step);
  const affordable = Math.floor(Math.sqrt(PIECE_BYTES / bytesPerPixel));
  const wanted = tile > 0 ? Math.min(tile + 2 * context, affordable) : affordable;
  const side = Math.max(Math.floor(wanted / step), overlap + Math.ceil(SMALLEST_OWN / step));
  const spans = (pixels: number, fixed: number | undefined) => {
    const length = Math.ceil(pixels / step);
    const part = fixed === undefined ? side : Math.floor(fixed / step);
    // A picture smaller than the only size of a piece is continued until it fills one.
    return tileSpans(fixed === undefined ? length : Math.max(length, part), { tile: part, overlap });
  };
  return { rows: spans(height, pieceSize?.height), columns: spans(width, pieceSize?.width) };
}

async function enlargeOnce(
  { scale, step, enlarge }: Upscaler,
  picture: GeneratedImage,
  { rows, columns }: Pass,
  between: () => Promise<void>,
): Promise<GeneratedImage> {
  const width = picture.width * scale;
  const height = picture.height * scale;
  const canvas = { width, height, rgb: new Uint8ClampedArray(width * height * 3) };
  for (const row of rows) {
    for (const column of columns) {
      const piece = { height: row.length * step, width: column.length * step };
      const corner = { top: row.start * step, left: column.start * step };
      const planes = await enlarge(cut(picture, corner, piece), piece);
      paste(canvas, planes, ownPart(row, step * scale), ownPart(column, step * scale));
      await between();
    }
  }
  return { width, height, rgb: new Uint8Array(canvas.rgb.buffer) };
}

/** A rectangle as (3, height, width) in 0 … 1; what lies outside the picture continues its last pixels. */
function cut({ width, height, rgb }: GeneratedImage, { top, left }: { top: number; left: number }, piece: Extent): Float32Array {
  const area = piece.width * piece.height;
  const planes = new Float32Array(3 * area);
  for (let y = 0; y < piece.height; y++) {
    const row = Math.min(top + y, height - 1) * width;
    for (let x = 0; x < piece.width; x++) {
      const from = (row + Math.min(left + x, width - 1)) * 3;
      const to = y * piece.width + x;
      for (let channel = 0; channel < 3; channel++) planes[channel * area + to] = rgb[from + channel]! / 255;
    }
  }
  return planes;
}

/** What of a piece is kept along one side, in enlarged pixels: neighbours share what lies between them evenly. */
interface OwnPart {
  /** Of the whole piece, on the canvas. */
  readonly start: number;
  readonly length: number;
  readonly from: number;
  readonly to: number;
}

function ownPart({ start, length, before, behind }: Span, scale: number): OwnPart {
  const from = start + Math.floor(before / 2);
  const to = start + length - Math.ceil(behind / 2);
  return { start: start * scale, length: length * scale, from: from * scale, to: to * scale };
}

function paste(
  canvas: { width: number; height: number; rgb: Uint8ClampedArray },
  planes: Float32Array,
  row: OwnPart,
  column: OwnPart,
): void {
  const area = row.length * column.length;
  const right = Math.min(column.to, canvas.width);
  for (let y = row.from; y < Math.min(row.to, canvas.height); y++) {
    const line = (y - row.start) * column.length - column.start;
    for (let x = column.from; x < right; x++) {
      const to = (y * canvas.width + x) * 3;
      // The clamped array rounds and clamps.
      for (let channel = 0; channel < 3; channel++) canvas.rgb[to + channel] = planes[channel * area + line + x]! * 255;
    }
  }
}
