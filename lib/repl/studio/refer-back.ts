import { DreamError } from "../../errors.js";
import type { ParsedLine } from "../../options/read.js";
import type { LineResultPicture } from "./made-pictures.js";

/** What a line takes from the line before it. */
export interface BackReference {
  readonly parsed: ParsedLine;
  /** What is told about it. */
  readonly notices: readonly string[];
}

/**
 * `-S -1` is the seed of the last picture, `-I -2` the file of the one before, within the last line that made pictures.
 *
 * @param last pictures of that line, in the order in which they were made
 * @throws DreamError usage/line when there is none at that position
 */
export function referBack(parsed: ParsedLine, last: readonly LineResultPicture[]): BackReference {
  const notices: string[] = [];
  let { seed, initImg } = parsed;
  if (seed !== undefined && seed < 0) {
    seed = found(last.at(seed)?.seed, `No previous seed at position ${seed} found`);
    notices.push(`>> Reusing previous seed ${seed}`);
  }
  if (initImg !== undefined && /^-\d+$/.test(initImg)) {
    // "-0" would be the first one.
    const position = Number(initImg) || Number.NaN;
    initImg = found(last[last.length + position]?.path, `No previous initial image at position ${initImg} found`);
    notices.push(`>> Reusing previous image ${initImg}`);
  }
  return { parsed: { ...parsed, seed, initImg }, notices };
}

function found<T>(value: T | undefined, sentence: string): T {
  if (value === undefined) throw new DreamError("usage/line", sentence);
  return value;
}
