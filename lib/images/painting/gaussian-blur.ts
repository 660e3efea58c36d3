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
  const pause = async (lines: number, length: number) => {
    if (lines % Math.max(1, Math.floor(PIXELS_A_TURN / length)) === 0) await setImmediate();
  };
  const across = createLine(width, box);
  for (let y = 0; y < height; y++) {
    for (let channel = 0; channel < 3; channel++) blurLine(out, y * width * 3 + channel, 3, across);
    await pause(y + 1, width);
  }
  const down = createLine(height, box);
  for (let x = 0; x < width; x++) {
    for (let channel = 0; channel < 3; channel++) blurLine(out, x * 3 + channel, width * 3, down);
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

/** Room for one line of levels with what the box sees beyond its ends, and for what becomes of it. */
interface Line {
  readonly box: ExtendedBox;
  readonly count: number;
  readonly padded: Uint8Array;
  readonly blurred: Uint8Array;
}

function createLine(count: number, box: ExtendedBox): Line {
  return { box, count, padded: new Uint8Array(count + 2 * (box.radius + 1)), blurred: new Uint8Array(count) };
}

function blurLine(levels: Uint8Array, start: number, stride: number, line: Line): void {
  const { box, count, padded, blurred } = line;
  const margin = box.radius + 1;
  for (let place = 0; place < count; place++) padded[margin + place] = levels[start + place * stride]!;
  for (let pass = 0; pass < PASSES; pass++) {
    padded.fill(padded[margin]!, 0, margin);
    padded.fill(padded[margin + count - 1]!, margin + count);
    blurOnce(line);
    padded.set(blurred, margin);
  }
  for (let place = 0; place < count; place++) levels[start + place * stride] = blurred[place]!;
}

function blurOnce({ box: { radius, inner, outer }, count, padded, blurred }: Line): void {
  const width = 2 * radius + 1;
  let sum = 0;
  for (let place = 1; place <= width; place++) sum += padded[place]!;
  for (let place = 0; place < count; place++) {
    const behind = padded[place + width + 1]!;
    // The array cuts off what is behind the point.
    blurred[place] = (sum * inner + (padded[place]! + behind) * outer + ONE / 2) / ONE;
    sum += behind - padded[place + 1]!;
  }
}
