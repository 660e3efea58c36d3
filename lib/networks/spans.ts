/** One of several parts of equal length that cover a side together. */
export interface Span {
  readonly start: number;
  readonly length: number;
  /** Elements shared with the part before and the part behind; 0 at the ends. */
  readonly before: number;
  readonly behind: number;
}

/** Parts of one length along a side, spread evenly, neighbours sharing at least `overlap` elements. */
export function tileSpans(length: number, { tile, overlap }: { readonly tile: number; readonly overlap: number }): readonly Span[] {
  if (length <= tile) return [{ start: 0, length, before: 0, behind: 0 }];
  const count = Math.ceil((length - overlap) / (tile - overlap));
  const starts = Array.from({ length: count }, (_, index) => Math.round((index * (length - tile)) / (count - 1)));
  return starts.map((start, index) => ({
    start,
    length: tile,
    before: index === 0 ? 0 : starts[index - 1]! + tile - start,
    behind: index === count - 1 ? 0 : start + tile - starts[index + 1]!,
  }));
}
