import type { RgbPicture } from "../images/pixels/encode-png.js";

export type Color = readonly [red: number, green: number, blue: number];

/** A picture of few colours. */
export interface IndexedPicture {
  readonly width: number;
  readonly height: number;
  readonly colors: readonly Color[];
  /** A place in `colors` for every pixel. */
  readonly indices: Uint8Array;
}

const MAX_COLORS = 256;
/** Colours are counted in 32 steps a channel. */
const BITS = 5;
const BINS = 1 << (3 * BITS);

/** How many pixels fell into a bin, and the sums of their channels. */
interface Histogram {
  readonly counts: Uint32Array;
  readonly sums: readonly [Float64Array, Float64Array, Float64Array];
}

/** A part of the colour space: bins, and how wide they are spread. */
interface Box {
  readonly bins: readonly number[];
  readonly pixels: number;
  /** The channel in which the bins differ most, and by how many steps. */
  readonly axis: 0 | 1 | 2;
  readonly range: number;
}

/**
 * Chooses at most 256 colours for a picture by median cut: the colour space is cut again and again where most pixels differ most, each
 * part is then shown as its mean. Source: P. Heckbert, "Color image quantization for frame buffer display" (1982).
 */
export function choosePalette(picture: RgbPicture): IndexedPicture {
  const histogram = countColors(picture);
  const boxes = cutColorSpace(histogram);
  const places = new Uint8Array(BINS);
  boxes.forEach(({ bins }, place) => {
    for (const bin of bins) places[bin] = place;
  });
  const { width, height, rgb } = picture;
  const indices = new Uint8Array(width * height);
  for (let i = 0; i < indices.length; i++) indices[i] = places[binOf(rgb, i * 3)]!;
  return { width, height, colors: boxes.map((box) => meanColor(box, histogram)), indices };
}

function binOf(rgb: Uint8Array, at: number): number {
  const drop = 8 - BITS;
  return ((rgb[at]! >> drop) << (2 * BITS)) | ((rgb[at + 1]! >> drop) << BITS) | (rgb[at + 2]! >> drop);
}

function channelOf(bin: number, channel: number): number {
  return (bin >> ((2 - channel) * BITS)) & ((1 << BITS) - 1);
}

function countColors({ rgb }: RgbPicture): Histogram {
  const counts = new Uint32Array(BINS);
  const sums = [new Float64Array(BINS), new Float64Array(BINS), new Float64Array(BINS)] as const;
  for (let at = 0; at < rgb.length; at += 3) {
    const bin = binOf(rgb, at);
    counts[bin]!++;
    for (let channel = 0; channel < 3; channel++) sums[channel]![bin]! += rgb[at + channel]!;
  }
  return { counts, sums };
}

function cutColorSpace({ counts }: Histogram): Box[] {
  const used = Array.from(counts.keys()).filter((bin) => counts[bin]! > 0);
  const boxes = [boxOf(used, counts)];
  while (boxes.length < MAX_COLORS) {
    const widest = boxes.reduce((best, box) => (box.pixels * box.range > best.pixels * best.range ? box : best));
    if (widest.range === 0) break;
    boxes.splice(boxes.indexOf(widest), 1, ...cutInHalf(widest, counts));
  }
  return boxes;
}

function boxOf(bins: readonly number[], counts: Uint32Array): Box {
  const lowest = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  const highest = [0, 0, 0];
  let pixels = 0;
  for (const bin of bins) {
    pixels += counts[bin]!;
    for (let channel = 0; channel < 3; channel++) {
      lowest[channel] = Math.min(lowest[channel]!, channelOf(bin, channel));
      highest[channel] = Math.max(highest[channel]!, channelOf(bin, channel));
    }
  }
  const ranges = [0, 1, 2].map((channel) => highest[channel]! - lowest[channel]!);
  const range = Math.max(...ranges);
  return { bins, pixels, axis: ranges.indexOf(range) as 0 | 1 | 2, range };
}

/** Half of the pixels on either side, and at least one bin. */
function cutInHalf({ bins, pixels, axis }: Box, counts: Uint32Array): [Box, Box] {
  const sorted = bins.toSorted((one, other) => channelOf(one, axis) - channelOf(other, axis));
  let before = counts[sorted[0]!]!;
  let cut = 1;
  while (cut < sorted.length - 1 && before + counts[sorted[cut]!]! <= pixels / 2) before += counts[sorted[cut++]!]!;
  return [boxOf(sorted.slice(0, cut), counts), boxOf(sorted.slice(cut), counts)];
}

function meanColor({ bins, pixels }: Box, { sums }: Histogram): Color {
  const mean = (channel: 0 | 1 | 2) => Math.round(bins.reduce((sum, bin) => sum + sums[channel][bin]!, 0) / pixels);
  return [mean(0), mean(1), mean(2)];
}
