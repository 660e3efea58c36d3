import { setImmediate as eventLoopTurn } from "node:timers/promises";
import type { RgbPicture } from "./encode-png.js";
import { fromLab, toLab } from "./lab-levels.js";

/** How many pixels of a picture have each level of L, a and b. */
export interface LabHistograms {
  readonly pixels: number;
  /** Three times 256 counts. */
  readonly counts: readonly [Float64Array, Float64Array, Float64Array];
}

/** Pixels between two looks at what else there is to do: some 50 ms. */
const PIXELS_A_TURN = 200_000;

/** Counts the colours of a picture. */
export async function labHistograms(picture: RgbPicture): Promise<LabHistograms> {
  return histogramsOf(await labOf(picture));
}

/**
 * Gives a picture the colours of another one, as InvokeAI 2.3.5 does: in Lab, each channel by itself, every level becomes the one below which
 * the other picture has the same share of its pixels (scikit-image's `match_histograms`; fractions of levels are cut off).
 */
export async function matchHistograms(picture: RgbPicture, wanted: LabHistograms): Promise<RgbPicture> {
  const lab = await labOf(picture);
  const present = histogramsOf(lab);
  const maps = present.counts.map((counts, channel) =>
    levelMap(counts, present.pixels, wanted.counts[channel as 0 | 1 | 2], wanted.pixels),
  ) as [Uint8Array, Uint8Array, Uint8Array];
  const rgb = new Uint8ClampedArray(lab.length);
  await eachPixel(lab.length / 3, (at) => fromLab(maps[0][lab[at]!]!, maps[1][lab[at + 1]!]!, maps[2][lab[at + 2]!]!, rgb, at));
  return { width: picture.width, height: picture.height, rgb: new Uint8Array(rgb.buffer) };
}

async function labOf({ rgb }: RgbPicture): Promise<Uint8ClampedArray> {
  const lab = new Uint8ClampedArray(rgb.length);
  await eachPixel(rgb.length / 3, (at) => toLab(rgb[at]!, rgb[at + 1]!, rgb[at + 2]!, lab, at));
  return lab;
}

/** @param visit told where the three levels of each pixel begin */
async function eachPixel(pixels: number, visit: (at: number) => void): Promise<void> {
  for (let from = 0; from < pixels; from += PIXELS_A_TURN) {
    const to = Math.min(pixels, from + PIXELS_A_TURN);
    for (let pixel = from; pixel < to; pixel++) visit(pixel * 3);
    await eventLoopTurn();
  }
}

function histogramsOf(lab: Uint8ClampedArray): LabHistograms {
  const counts = [new Float64Array(256), new Float64Array(256), new Float64Array(256)] as const;
  for (let at = 0; at < lab.length; at += 3) {
    counts[0][lab[at]!]!++;
    counts[1][lab[at + 1]!]!++;
    counts[2][lab[at + 2]!]!++;
  }
  return { pixels: lab.length / 3, counts };
}

/** The new level of every old one, linear between the shares at which the wanted picture's levels end. */
function levelMap(counts: Float64Array, pixels: number, wanted: Float64Array, wantedPixels: number): Uint8Array {
  const nodes: { readonly share: number; readonly level: number }[] = [];
  let sum = 0;
  for (const [level, count] of wanted.entries()) {
    sum += count;
    if (count > 0) nodes.push({ share: sum / wantedPixels, level });
  }
  let before = 0;
  let next = 0;
  return Uint8Array.from(counts, (count) => {
    before += count;
    const share = before / pixels;
    while (next < nodes.length - 1 && nodes[next]!.share < share) next++;
    const [low, high] = [nodes[Math.max(0, next - 1)]!, nodes[next]!];
    if (share >= high.share || high === low) return high.level;
    return share <= low.share ? low.level : low.level + ((share - low.share) / (high.share - low.share)) * (high.level - low.level);
  });
}
