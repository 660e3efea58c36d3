/** RRDBNet (ESRGAN, Real-ESRGAN): residual blocks of densely connected convolutions, then doublings of the size. */
export interface RrdbConfig {
  readonly kind: "rrdb";
  /** Channels between the blocks. */
  readonly features: number;
  /** Channels that every dense convolution adds. */
  readonly growth: number;
  readonly blocks: number;
  /** The picture's pixels go into the channels in squares of this side first: 1 (not at all), 2 or 4. */
  readonly unshuffle: 1 | 2 | 4;
  /** Doublings behind the blocks. */
  readonly doublings: 1 | 2;
}

/** The compact form of Real-ESRGAN ("SRVGGNetCompact"): a chain of convolutions and PReLUs, then a pixel shuffle. */
export interface CompactConfig {
  readonly kind: "compact";
  readonly features: number;
  /** Convolutions between the first and the last. */
  readonly convolutions: number;
  /** How many times larger it makes a picture. */
  readonly scale: number;
}

export type UpscalerConfig = RrdbConfig | CompactConfig;

/** How many times larger it makes a picture. */
export function upscalerScale(config: UpscalerConfig): number {
  return config.kind === "compact" ? config.scale : 2 ** config.doublings / config.unshuffle;
}

/** Context that is enough where the whole of it would be too much: what lies further away changes nothing that can be seen. */
const ENOUGH_CONTEXT = 32;

/**
 * How far away a pixel of the input can lie that changes what is made of another one: one pixel for each 3×3 convolution. RRDBNets
 * reach hundreds of pixels, but almost all of it comes from near by.
 */
export function upscalerContext(config: UpscalerConfig): number {
  if (config.kind === "compact") return config.convolutions + 2;
  const reach = (15 * config.blocks + 4) * config.unshuffle;
  return Math.min(reach, ENOUGH_CONTEXT);
}

/** Estimated bytes that a graph takes for every pixel of its input: the largest activations, several at a time. */
export function upscalerBytesPerPixel(config: UpscalerConfig): number {
  const FLOAT = 4;
  if (config.kind === "compact") return FLOAT * (6 * config.features + 3 * 4 * config.scale ** 2);
  const dense = (config.features + 4 * config.growth) * 3;
  const enlarged = config.features * 4 ** config.doublings * 5;
  return (FLOAT * Math.max(dense, enlarged)) / config.unshuffle ** 2;
}
