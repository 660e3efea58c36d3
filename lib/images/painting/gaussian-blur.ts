import { setImmediate } from "node:timers/promises";
import type { RgbPicture } from "../pixels/encode-png.js";

/** Box filters that stand for one Gaussian. */
const PASSES = 3;
/** Weights are counted in these. */
const ONE = 2 ** 24;
/** Pixels between two looks at what else there is to do. */
const PIXELS_A_TURN = 1_000_000;

/**
 * The picture out of focus, as Pillow's `GaussianBlur` makes it: three "extended" box filters across, then three down, eight bits in between; the
 * outermost levels go on beyond the edges. Source: P. Gwosdek et al., "Theoretical Foundations of Gaussian Convolution by Extended Box
 * Filtering" (SSVM 2011), equations 7, 11 and 14.
 *
 * @param radius standard deviation in pixels, above 0
 */
export async function gaussianBlur({ width, height, rgb }: RgbPicture, radius: number): Promise<RgbPicture> {
  const box = extendedBox(radius);
  const out = Uint8Array.from(rgb);
  const line = (count: number) => [new Uint8Array(count), new Uint8Array(count)] as const;
  const pause = async (lines: number, length: number) => {
    if (lines % Math.max(1, Math.floor(PIXELS_A_TURN / length)) === 0) await setImmediate();
  };
  const across = line(width);
  for (let y = 0; y < height; y++) {
    for (let channel = 0; channel < 3; channel++) blurLine(out, y * width * 3 + channel, 3, across, box);
    await pause(y + 1, width);
  }
  const down = line(height);
  for (let x = 0; x < width; x++) {
    for (let channel = 0; channel < 3; channel++) blurLine(out, x * 3 + channel, width * 3, down, box);
    await pause(x + 1, height);
  }
  return { width, height, rgb: out };
}

/** A box of whole pixels and a part of one more on either side. */
interface ExtendedBox {
  readonly radius: number;
  /** Of a whole pixel and of each of the outer two, in units of 1 / ONE. */
  readonly inner: number;
  readonly outer: number;
}

/** The box that, applied three times, has the variance of the Gaussian. Pillow counts in 32-bit floats. */
function extendedBox(deviation: number): ExtendedBox {
  const f32 = Math.fround;
  const variance = f32(f32(deviation * deviation) / PASSES);
  const length = f32(Math.sqrt(12 * variance + 1));
  const whole = f32(Math.floor((length - 1) / 2));
  const share = f32(f32(2 * whole + 1) * f32(whole * (whole + 1) - f32(3 * variance)));
  const part = f32(share / f32(6 * f32(variance - (whole + 1) * (whole + 1))));
  const full = f32(whole + part);
  const radius = Math.trunc(full);
  const inner = Math.trunc(f32(ONE / f32(full * 2 + 1)));
  return { radius, inner, outer: Math.trunc((ONE - (radius * 2 + 1) * inner) / 2) };
}

function blurLine(
  levels: Uint8Array,
  start: number,
  stride: number,
  [first, second]: readonly [Uint8Array, Uint8Array],
  box: ExtendedBox,
): void {
  const count = first.length;
  for (let place = 0; place < count; place++) first[place] = levels[start + place * stride]!;
  let [from, to] = [first, second];
  for (let pass = 0; pass < PASSES; pass++) {
    blurOnce(from, to, box);
    [from, to] = [to, from];
  }
  for (let place = 0; place < count; place++) levels[start + place * stride] = from[place]!;
}

function blurOnce(from: Uint8Array, to: Uint8Array, { radius, inner, outer }: ExtendedBox): void {
  const last = from.length - 1;
  const at = (place: number) => from[Math.min(Math.max(place, 0), last)]!;
  let sum = 0;
  for (let place = -radius; place <= radius; place++) sum += at(place);
  for (let place = 0; place <= last; place++) {
    const left = at(place - radius - 1);
    to[place] = Math.floor((sum * inner + (left + at(place + radius + 1)) * outer + ONE / 2) / ONE);
    sum += at(place + radius + 1) - at(place - radius);
  }
}
