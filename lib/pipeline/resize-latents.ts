import type { Extent } from "../networks/network-sessions.js";

/**
 * Latents in another size, bilinear: `torch.nn.functional.interpolate(mode="bilinear", align_corners=False, antialias=False)`.
 * @param latents (C, from.height, from.width)
 * @returns (C, to.height, to.width)
 */
export function resizeLatents(latents: Float32Array, from: Extent, to: Extent): Float32Array {
  const channels = latents.length / (from.height * from.width);
  const resized = new Float32Array(channels * to.height * to.width);
  const rows = neighbours(from.height, to.height);
  const columns = neighbours(from.width, to.width);
  let at = 0;
  for (let channel = 0; channel < channels; channel++) {
    const plane = channel * from.height * from.width;
    for (const row of rows) {
      const first = plane + row.first * from.width;
      const second = plane + row.second * from.width;
      for (const column of columns) {
        const before = mixed(column.share, latents[first + column.first]!, latents[first + column.second]!);
        const behind = mixed(column.share, latents[second + column.first]!, latents[second + column.second]!);
        resized[at++] = mixed(row.share, before, behind);
      }
    }
  }
  return resized;
}

/** The two elements that an element of the new side lies between, and how near it is to the second. */
interface Neighbours {
  readonly first: number;
  readonly second: number;
  readonly share: number;
}

/** Elements are areas: their middles lie at (i + 1/2) of the side. Before the first middle there is nothing but the first element. */
function neighbours(from: number, to: number): Neighbours[] {
  return Array.from({ length: to }, (_, i) => {
    const place = Math.max((from / to) * (i + 0.5) - 0.5, 0);
    const first = Math.min(Math.floor(place), from - 1);
    return { first, second: Math.min(first + 1, from - 1), share: place - first };
  });
}

function mixed(share: number, from: number, to: number): number {
  return from + share * (to - from);
}
