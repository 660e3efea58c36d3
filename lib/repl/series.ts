import type { ParsedLine } from "../options/read.js";
import type { LineRequest } from "../options/resolve.js";
import type { SweepAxis } from "../options/sweep.js";

/** One line of a series, resolved. */
export interface SeriesLine {
  readonly parsed: ParsedLine;
  readonly request: LineRequest;
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
