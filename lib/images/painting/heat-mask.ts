import { type PixelSize, resizePart } from "../pixels/resize.js";

/** How much each part of a square is what somebody looks for; the picture is its top left. */
export interface HeatSquare {
  readonly side: number;
  /** side·side shares, 0 … 1. */
  readonly heat: Float32Array;
}

/**
 * The mask of what was found, as InvokeAI 2.3 makes it: painted (0) where the heat reaches the threshold, kept (255) elsewhere; the steps of the
 * map are softened where they are enlarged.
 *
 * @param size of the picture, and of the mask
 * @param threshold 0 … 1
 */
export function maskOfHeat(map: HeatSquare, size: PixelSize, threshold: number): Promise<Uint8Array> {
  return spread(map, size, (share) => (share < threshold ? 255 : 0));
}

/** The heat as levels in the size of a picture: 255 is what was looked for, or what was not when `inverted`. */
export function heatLevels(map: HeatSquare, size: PixelSize, inverted: boolean): Promise<Uint8Array> {
  return spread(map, size, (share) => Math.floor((inverted ? 1 - share : share) * 255));
}

/** Share of the mask that is painted, 0 … 1. */
export function paintedShare(mask: Uint8Array): number {
  return mask.reduce((sum, level) => sum + 255 - level, 0) / (255 * mask.length);
}

async function spread({ side, heat }: HeatSquare, size: PixelSize, level: (share: number) => number): Promise<Uint8Array> {
  const rgb = Uint8Array.from({ length: heat.length * 3 }, (_, i) => level(heat[Math.floor(i / 3)]!));
  const longest = Math.max(size.width, size.height);
  const resized = await resizePart({ width: side, height: side, rgb }, { width: longest, height: longest }, size);
  return resized.rgb.filter((_, i) => i % 3 === 0);
}
