/** How one 3×3 convolution is computed. */
export type ConvolutionForm =
  /** Tiles of m×m outputs by Winograd's F(m×m, 3×3): few multiplications, large weights. */
  | { readonly kind: "winograd"; readonly outputTile: 2 | 4 }
  /** Gather the nine neighbours of every pixel, then one matrix product. */
  | {
      readonly kind: "im2col";
      /** Keep the weights in half precision and widen them in every call. */
      readonly half?: boolean;
    }
  /** One product with all nine taps first, then sum shifted rows: for very few output channels; stride 1 only. */
  | { readonly kind: "taps-first" };

/** What the choice depends on. Heights and widths are those of the output. */
export interface ConvolutionSite {
  readonly batch: number;
  readonly height: number;
  readonly width: number;
  readonly inChannels: number;
  readonly outChannels: number;
  readonly stride: 1 | 2;
}

export type ConvolutionPolicy = (site: ConvolutionSite) => ConvolutionForm;

/** Shortest time: Winograd wherever the map is large enough to fill matrix products with tiles. */
export const fastConvolutions: ConvolutionPolicy = (site) => {
  if (site.stride !== 1) return { kind: "im2col" };
  if (site.outChannels <= 16) return { kind: "taps-first" };
  if (site.inChannels < 16) return { kind: "im2col" };
  if (Math.min(site.height, site.width) >= 32) return { kind: "winograd", outputTile: 4 };
  // With fewer tiles, reading the larger weights costs more than the multiplications that they save.
  const tiles = (site.batch * site.height * site.width) / 4;
  return tiles >= 32 ? { kind: "winograd", outputTile: 2 } : { kind: "im2col" };
};

/**
 * Little memory: Winograd only where its weights (4× or 1.8× the original) are small, and half-precision weights for the deep levels,
 * whose few pixels make their weights the larger part of the work anyway.
 */
export const leanConvolutions: ConvolutionPolicy = (site) => {
  const fast = fastConvolutions(site);
  const large = site.inChannels * site.outChannels >= 1280 * 1280;
  if (fast.kind !== "winograd") return fast.kind === "im2col" ? { kind: "im2col", half: large } : fast;
  if (fast.outputTile === 2) return { kind: "im2col", half: large };
  return site.inChannels * site.outChannels <= 320 * 960 ? fast : { kind: "winograd", outputTile: 2 };
};
