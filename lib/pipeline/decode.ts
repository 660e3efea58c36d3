import { setImmediate as eventLoopTurn } from "node:timers/promises";
import type { VaeDecoder } from "../networks/network-sessions.js";
import { decodeTiled, type Tiling } from "./tiled-decode.js";

/** Up to this many latent elements (512×512 pixels) a picture is decoded whole, which is a little faster. */
export const LARGEST_WHOLE = 64 * 64;

/**
 * For exported graphs, which cannot be taken apart: each tile is normalised by itself, so the larger the tiles the fainter the
 * difference to the whole.
 */
const TILING: Tiling = { tile: 96, overlap: 32 };

export interface DecodeShape {
  /** Latent extents. */
  readonly height: number;
  readonly width: number;
  /** Pixels per latent element. */
  readonly scale: number;
}

/**
 * Latents to pixels: whole, or in parts above a size.
 * @param latents (4, H, W), already divided by the scaling factor
 * @returns (3, scale·H, scale·W), about −1 … 1
 * @throws the signal's reason, between two parts
 */
export async function decodeLatents(
  decoder: VaeDecoder,
  latents: Float32Array,
  shape: DecodeShape,
  signal?: AbortSignal,
): Promise<Float32Array> {
  if (shape.height * shape.width <= LARGEST_WHOLE) return decoder.decode(latents, shape);
  const between = async () => {
    await eventLoopTurn();
    signal?.throwIfAborted();
  };
  if (decoder.decodeInBands !== undefined) return decoder.decodeInBands(latents, shape, between);
  return decodeTiled(decoder, latents, shape, TILING, shape.scale, between);
}
