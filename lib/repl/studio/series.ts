import type { PaintedRegion } from "../../engine/protocol.js";
import type { RgbPicture } from "../../images/pixels/encode-png.js";
import type { ParsedLine } from "../../options/read.js";
import type { LineRequest } from "../../options/resolve.js";
import type { SweepAxis } from "../../options/sweep.js";

/** An initial picture in the size in which it is begun with. */
export interface PaintablePicture extends RgbPicture {
  /** The part that is painted; absent when all of it is. */
  readonly region?: PaintedRegion;
}

/** Settings of a line; without a seed it is left open. */
export type LineSettings = LineRequest["settings"];

/** The same, read from a file. */
export interface ReadyInit extends PaintablePicture {
  /** Hex sha256 of its file. */
  readonly hash: string;
}

/** One line of a series, resolved. */
export interface SeriesLine {
  readonly asTyped: ParsedLine;
  /** The same with the seed and the file that `-S -1` and `-I -1` mean, and with the prompt of the initial picture where there was none. */
  readonly parsed: ParsedLine;
  readonly request: LineRequest;
  /** Absent for pictures from text alone. */
  readonly init?: ReadyInit;
}

/** Everything that one typed line asks for. */
export interface Series {
  /** What was typed. */
  readonly typed: string;
  /** One line, or the cross product of a sweep with the last axis fastest. */
  readonly lines: readonly [SeriesLine, ...SeriesLine[]];
  /** Empty unless it is a sweep. */
  readonly axes: readonly SweepAxis[];
}

/** How many pictures a series makes. */
export function countPictures({ lines }: Series): number {
  return lines.reduce((sum, { request }) => sum + request.iterations, 0);
}
