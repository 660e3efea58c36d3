/**
 * CIE L*a*b* of the white point D65 in 8 bits, as OpenCV keeps it: L·255/100, a + 128, b + 128. Source: CIE 15, and OpenCV's documentation of
 * its colour conversions; the sRGB curve of IEC 61966-2-1.
 */

/** Brightness of each sRGB level, 0 … 1. */
const LINEAR = Float64Array.from({ length: 256 }, (_, level) => {
  const value = level / 255;
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
});

const WHITE_X = 0.950456;
const WHITE_Z = 1.088754;
/** Below this share of white the cube root becomes a straight line. */
const DARK = 0.008856;
const SLOPE = 7.787;
const OFFSET = 16 / 116;

/** Three levels of Lab for three levels of RGB, written to `lab` at `at`. */
export function toLab(red: number, green: number, blue: number, lab: Uint8ClampedArray, at: number): void {
  const [r, g, b] = [LINEAR[red]!, LINEAR[green]!, LINEAR[blue]!];
  const x = root((0.412453 * r + 0.35758 * g + 0.180423 * b) / WHITE_X);
  const y = root(0.212671 * r + 0.71516 * g + 0.072169 * b);
  const z = root((0.019334 * r + 0.119193 * g + 0.950227 * b) / WHITE_Z);
  lab[at] = (116 * y - 16) * 2.55;
  lab[at + 1] = 500 * (x - y) + 128;
  lab[at + 2] = 200 * (y - z) + 128;
}

/** The way back; colours that RGB lacks are cut off. */
export function fromLab(lightness: number, a: number, b: number, rgb: Uint8ClampedArray, at: number): void {
  const fy = (lightness / 2.55 + 16) / 116;
  const x = WHITE_X * power(fy + (a - 128) / 500);
  const y = power(fy);
  const z = WHITE_Z * power(fy - (b - 128) / 200);
  rgb[at] = 255 * curve(3.240479 * x - 1.53715 * y - 0.498535 * z);
  rgb[at + 1] = 255 * curve(-0.969256 * x + 1.875991 * y + 0.041556 * z);
  rgb[at + 2] = 255 * curve(0.055648 * x - 0.204043 * y + 1.057311 * z);
}

function root(share: number): number {
  return share > DARK ? Math.cbrt(share) : SLOPE * share + OFFSET;
}

function power(value: number): number {
  const cube = value ** 3;
  return cube > DARK ? cube : (value - OFFSET) / SLOPE;
}

function curve(brightness: number): number {
  return brightness <= 0.0031308 ? 12.92 * brightness : 1.055 * brightness ** (1 / 2.4) - 0.055;
}
