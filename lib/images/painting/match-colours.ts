import type { RgbPicture } from "../pixels/encode-png.js";

/**
 * Brings a painted picture to the colours of the original: per channel, mean and standard deviation over the kept pixels become those of the
 * original there. So the VAE's small shift of all colours does not show as an edge (InvokeAI 2.3). A channel that is one level in the painted
 * picture is only moved; without kept pixels nothing is changed.
 *
 * @param keep width·height bytes; every pixel above 0 counts
 */
export function matchColours(painted: RgbPicture, original: RgbPicture, keep: Uint8Array): RgbPicture {
  const { width, height, rgb } = painted;
  const matched = rgb.slice();
  for (let channel = 0; channel < 3; channel++) {
    const want = statistics(original.rgb, channel, keep);
    const have = statistics(rgb, channel, keep);
    if (want === undefined || have === undefined) return painted;
    const factor = have.deviation === 0 ? 1 : want.deviation / have.deviation;
    for (let i = channel; i < rgb.length; i += 3) {
      const level = (rgb[i]! - have.mean) * factor + want.mean;
      matched[i] = Math.min(Math.max(Math.trunc(level), 0), 255);
    }
  }
  return { width, height, rgb: matched };
}

function statistics(rgb: Uint8Array, channel: number, keep: Uint8Array): { mean: number; deviation: number } | undefined {
  let [count, sum, squares] = [0, 0, 0];
  for (let i = 0; i < keep.length; i++) {
    if (keep[i] === 0) continue;
    const level = rgb[i * 3 + channel]!;
    count++;
    sum += level;
    squares += level * level;
  }
  if (count === 0) return undefined;
  const mean = sum / count;
  // Whole numbers up to here: a channel of one level gives exactly 0.
  return { mean, deviation: Math.sqrt(Math.max(squares * count - sum * sum, 0)) / count };
}
