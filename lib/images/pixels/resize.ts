import { setImmediate } from "node:timers/promises";
import type { RgbPicture } from "./encode-png.js";

export interface PixelSize {
  readonly width: number;
  readonly height: number;
}

/** A filter: its weight at a distance in pixels, and the distance from which on it is 0. */
interface Filter {
  readonly support: number;
  readonly weight: (distance: number) => number;
}

/** Catmull-Rom, as Pillow's BICUBIC. Source: R. Keys, "Cubic convolution interpolation for digital image processing" (1981), a = −1/2. */
const BICUBIC: Filter = {
  support: 2,
  weight: (distance) => {
    const x = Math.abs(distance);
    if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
    return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
  },
};

/** sinc(x)·sinc(x/3), as Pillow's LANCZOS. */
const LANCZOS: Filter = {
  support: 3,
  weight: (x) => (Math.abs(x) < 3 ? sinc(x) * sinc(x / 3) : 0),
};

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

const FILTERS = { bicubic: BICUBIC, lanczos: LANCZOS } as const;

/** Multiplications between two looks at what else there is to do: about 50 ms. */
const WORK_A_TURN = 20_000_000;

/**
 * The picture in exactly this many pixels, as the `resize` of Pillow 9 makes it: across, then down, eight bits in between, the filter widened when
 * the picture shrinks. Sharp is not used for this, because it enlarges with its bicubic filter whatever kernel it is asked for.
 *
 * @param size in pixels; proportions are the caller's matter
 * @param onTurn called some twenty times a second; what it throws ends the work
 */
export async function resizePicture(
  picture: RgbPicture,
  size: PixelSize,
  filter: keyof typeof FILTERS,
  onTurn: () => void = () => {},
): Promise<RgbPicture> {
  const turn = async () => {
    await setImmediate();
    onTurn();
  };
  const across = await resizeRows(picture, size.width, FILTERS[filter], turn);
  return resizeColumns(across, size.height, FILTERS[filter], turn);
}

/**
 * The top left of a picture that was resized by Lanczos; what lies outside of it is never made.
 *
 * @param size of the whole
 * @param part of it, in pixels
 */
export async function resizePart(picture: RgbPicture, size: PixelSize, part: PixelSize): Promise<RgbPicture> {
  const across = await resizeRows(picture, size.width, LANCZOS, setImmediate, part.width);
  return resizeColumns(across, size.height, LANCZOS, setImmediate, part.height);
}

type Turn = () => Promise<void>;

/** @param width of the part that is made of `whole` columns */
async function resizeRows(picture: RgbPicture, whole: number, filter: Filter, turn: Turn, width = whole): Promise<RgbPicture> {
  if (whole === picture.width && width === whole) return picture;
  const { height, rgb } = picture;
  const { starts, counts, weights, longest } = planTaps(picture.width, whole, filter);
  const out = new Uint8ClampedArray(width * height * 3);
  const rowsATurn = Math.ceil(WORK_A_TURN / (width * longest * 3));
  for (let y = 0; y < height; y++) {
    if (y % rowsATurn === rowsATurn - 1) await turn();
    for (let x = 0; x < width; x++) {
      const from = (y * picture.width + starts[x]!) * 3;
      const to = (y * width + x) * 3;
      let [red, green, blue] = [HALF_UP, HALF_UP, HALF_UP];
      for (let tap = 0; tap < counts[x]!; tap++) {
        const weight = weights[x * longest + tap]!;
        red += weight * rgb[from + tap * 3]!;
        green += weight * rgb[from + tap * 3 + 1]!;
        blue += weight * rgb[from + tap * 3 + 2]!;
      }
      // The clamped array rounds.
      out[to] = red;
      out[to + 1] = green;
      out[to + 2] = blue;
    }
  }
  return { width, height, rgb: new Uint8Array(out.buffer) };
}

/** @param height of the part that is made of `whole` rows */
async function resizeColumns(picture: RgbPicture, whole: number, filter: Filter, turn: Turn, height = whole): Promise<RgbPicture> {
  if (whole === picture.height && height === whole) return picture;
  const { width, rgb } = picture;
  const { starts, counts, weights, longest } = planTaps(picture.height, whole, filter);
  const stride = width * 3;
  const out = new Uint8ClampedArray(stride * height);
  const sums = new Float64Array(stride);
  const rowsATurn = Math.ceil(WORK_A_TURN / (stride * longest));
  for (let y = 0; y < height; y++) {
    if (y % rowsATurn === rowsATurn - 1) await turn();
    sums.fill(HALF_UP);
    for (let tap = 0; tap < counts[y]!; tap++) {
      const weight = weights[y * longest + tap]!;
      const from = (starts[y]! + tap) * stride;
      for (let i = 0; i < stride; i++) sums[i] = sums[i]! + weight * rgb[from + i]!;
    }
    out.set(sums, y * stride);
  }
  return { width, height, rgb: new Uint8Array(out.buffer) };
}

/** For every pixel of a line that is made: the first pixel that it is made of, how many there are, and their weights, which sum to 1. */
interface Taps {
  readonly starts: Int32Array;
  readonly counts: Int32Array;
  /** `longest` a pixel. */
  readonly weights: Float64Array;
  readonly longest: number;
}

function planTaps(from: number, to: number, { support, weight }: Filter): Taps {
  const scale = from / to;
  // When shrinking, the filter covers all pixels that fall into one.
  const spread = Math.max(scale, 1);
  const reach = support * spread;
  const longest = Math.ceil(reach) * 2 + 1;
  const starts = new Int32Array(to);
  const counts = new Int32Array(to);
  const weights = new Float64Array(to * longest);
  for (let i = 0; i < to; i++) {
    const center = (i + 0.5) * scale;
    const start = Math.max(0, Math.trunc(center - reach + 0.5));
    const count = Math.min(from, Math.trunc(center + reach + 0.5)) - start;
    const row = weights.subarray(i * longest, i * longest + count);
    let sum = 0;
    for (let tap = 0; tap < count; tap++) {
      row[tap] = weight((start + tap - center + 0.5) / spread);
      sum += row[tap]!;
    }
    for (let tap = 0; tap < count; tap++) row[tap] = fixedPoint(row[tap]! / sum);
    starts[i] = start;
    counts[i] = count;
  }
  return { starts, counts, weights, longest };
}

/** Steps of a weight in 1. */
const PRECISION = 2 ** 22;
/** Less than a step: with it the clamped array rounds halves up, as Pillow does, and nothing else otherwise. */
const HALF_UP = 2 ** -24;

/** A weight as Pillow's whole-number arithmetic has it, so that sums of levels are exact and halves come out on the same side. */
function fixedPoint(weight: number): number {
  return (Math.sign(weight) * Math.floor(Math.abs(weight) * PRECISION + 0.5)) / PRECISION;
}

/** The largest size with these proportions inside a box; never larger than the picture itself. */
export function sizeInside(size: PixelSize, box: PixelSize): PixelSize {
  const factor = Math.min(1, box.width / size.width, box.height / size.height);
  return { width: Math.max(1, Math.round(size.width * factor)), height: Math.max(1, Math.round(size.height * factor)) };
}
