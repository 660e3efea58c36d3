import type { Value } from "../onnx/graph.js";

/**
 * A picture-shaped activation in token layout: one row of channels per pixel, (B·H·W, C). 1×1 convolutions and attention projections are
 * then plain matrix products, and attention needs no transposition.
 */
export interface FeatureMap {
  readonly rows: Value;
  readonly batch: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** Pixels of one image. */
export function pixels(map: FeatureMap): number {
  return map.height * map.width;
}
