import { setImmediate as eventLoopTurn } from "node:timers/promises";
import type { VaeDecoder } from "../networks/network-sessions.js";
import { decodeTiled, type Tiling } from "./tiled-decode.js";

/** Up to this many latent elements a picture is decoded whole (768×768 pixels); the networks band their convolutions themselves. */
const LARGEST_WHOLE = 96 * 96;

const TILING: Tiling = { tile: 64, overlap: 16 };

export interface DecodeShape {
  /** Latent extents. */
  readonly height: number;
  readonly width: number;
  /** Pixels per latent element. */
  readonly scale: number;
}

/**
 * Latents to pixels, in tiles above a size.
 * @param latents (4, H, W), already divided by the scaling factor
 * @returns (3, scale·H, scale·W), about −1 … 1
 * @throws the signal's reason, between two tiles
 */
export async function decodeLatents(
  decoder: VaeDecoder,
  latents: Float32Array,
  shape: DecodeShape,
  signal?: AbortSignal,
): Promise<Float32Array> {
  if (shape.height * shape.width <= LARGEST_WHOLE) return decoder.decode(latents, shape);
  return decodeTiled(decoder, latents, shape, TILING, shape.scale, async () => {
    await eventLoopTurn();
    signal?.throwIfAborted();
  });
}
