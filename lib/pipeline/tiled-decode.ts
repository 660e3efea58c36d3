import type { Extent, VaeDecoder } from "../networks/network-sessions.js";
import { type Span, tileSpans } from "../networks/spans.js";

export interface Tiling {
  /** Latent elements along each side of a tile. */
  readonly tile: number;
  /** Latent elements that neighbouring tiles share. */
  readonly overlap: number;
}

/**
 * Decodes in overlapping tiles and blends them linearly, so that memory depends on the tile and not on the picture. All tiles have one
 * size, so one session decodes them all.
 *
 * @param latents (4, H, W), already divided by the scaling factor
 * @param scale pixels per latent element
 * @param between called before every tile but the first; what it throws ends the decoding
 * @returns (3, scale·H, scale·W), about −1 … 1
 */
export async function decodeTiled(
  decoder: VaeDecoder,
  latents: Float32Array,
  extent: Extent,
  tiling: Tiling,
  scale: number,
  between: () => Promise<void> = async () => {},
): Promise<Float32Array> {
  const rows = tileSpans(extent.height, tiling);
  const columns = tileSpans(extent.width, tiling);
  const area = extent.height * extent.width * scale * scale;
  const sum = new Float32Array(3 * area);
  const weight = new Float32Array(area);
  let decoded = 0;
  for (const row of rows) {
    for (const column of columns) {
      if (decoded++ > 0) await between();
      const shape = { height: row.length, width: column.length };
      const pixels = await decoder.decode(cut(latents, extent, row.start, column.start, shape), shape);
      addTile({ sum, weight, width: extent.width * scale }, pixels, ramp(row, scale), ramp(column, scale), {
        top: row.start * scale,
        left: column.start * scale,
      });
    }
  }
  for (let channel = 0; channel < 3; channel++) {
    for (let i = 0; i < area; i++) sum[channel * area + i]! /= weight[i]!;
  }
  return sum;
}

/** Weight of each pixel of a tile along one side: rising over the part shared with the tile before, falling over the one behind. */
function ramp(span: Span, scale: number): Float32Array {
  const weights = new Float32Array(span.length * scale).fill(1);
  const before = span.before * scale;
  const behind = span.behind * scale;
  for (let i = 0; i < before; i++) weights[i]! *= (i + 0.5) / before;
  for (let i = 0; i < behind; i++) weights[weights.length - 1 - i]! *= (i + 0.5) / behind;
  return weights;
}

/** A rectangle of every channel. */
function cut(latents: Float32Array, extent: Extent, top: number, left: number, shape: Extent): Float32Array {
  const channels = latents.length / (extent.height * extent.width);
  const out = new Float32Array(channels * shape.height * shape.width);
  for (let channel = 0; channel < channels; channel++) {
    for (let y = 0; y < shape.height; y++) {
      const from = (channel * extent.height + top + y) * extent.width + left;
      out.set(latents.subarray(from, from + shape.width), (channel * shape.height + y) * shape.width);
    }
  }
  return out;
}

function addTile(
  canvas: { readonly sum: Float32Array; readonly weight: Float32Array; readonly width: number },
  pixels: Float32Array,
  rowWeights: Float32Array,
  columnWeights: Float32Array,
  { top, left }: { readonly top: number; readonly left: number },
): void {
  const height = rowWeights.length;
  const width = columnWeights.length;
  const area = canvas.weight.length;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const weight = rowWeights[y]! * columnWeights[x]!;
      const target = (top + y) * canvas.width + left + x;
      const source = y * width + x;
      canvas.weight[target]! += weight;
      for (let channel = 0; channel < 3; channel++)
        canvas.sum[channel * area + target]! += weight * pixels[channel * height * width + source]!;
    }
  }
}
