import type { LatentPreview } from "../engine/protocol.js";
import type { PreviewDecoderFiles } from "../models/open-preview-decoder.js";
import type { ConvolutionPolicy } from "../networks/convolution/policy.js";
import type { Extent } from "../networks/network-sessions.js";
import { buildPreviewDecoder } from "../networks/preview-decoder.js";
import { ShapedNetwork } from "../networks/shaped-network.js";
import { toRgb } from "./rgb.js";

/** Shows latents as a picture, without the VAE. */
export interface PreviewDecoder {
  /** @param latents (4, H, W), as the sampler sees them */
  show(latents: Float32Array, extent: Extent): Promise<LatentPreview>;
  release(): Promise<void>;
}

/** Elements of the largest latents that are shown in full size (512×512 pixels): a preview must cost neither much time nor memory. */
const LARGEST_WHOLE = 64 * 64;
const BAND_BYTES = 12e6;

/** The layers are narrow and their kernels small: Winograd pays off at once (47 ms instead of 140 for the built-in model's, one thread). */
const NARROW: ConvolutionPolicy = ({ inChannels, outChannels }) => {
  if (outChannels <= 3) return { kind: "taps-first" };
  return inChannels < 16 ? { kind: "im2col" } : { kind: "winograd", outputTile: 4 };
};

/**
 * A preview decoder whose graph we build; nothing is loaded before it is used.
 * @throws DreamError weights/* when it does not fit together
 */
export function createPreviewDecoder({ config, weights }: PreviewDecoderFiles, threads: number): PreviewDecoder {
  const options = { convolutions: NARROW, seamless: "", bandBytes: BAND_BYTES } as const;
  // Faulty weights are found before a picture is worked on.
  buildPreviewDecoder(config, weights, { height: 8, width: 8 }, options);
  const settings = { source: weights, threads, releaseScratch: true, onNotice: () => {}, capacity: 1 };
  const network = new ShapedNetwork({ name: "preview decoder", ...settings });
  return {
    async show(latents, extent) {
      const span = Math.ceil(Math.sqrt((extent.height * extent.width) / LARGEST_WHOLE));
      const { height, width } = { height: Math.floor(extent.height / span), width: Math.floor(extent.width / span) };
      const feed = { data: span === 1 ? latents : meanOfSquares(latents, extent, span), shape: [1, config.latentChannels, height, width] };
      const build = (source: PreviewDecoderFiles["weights"]) => buildPreviewDecoder(config, source, { height, width }, options);
      const planes = await network.run(`${height}x${width}`, build, { latents: feed });
      const side = Math.sqrt(planes.length / (3 * height * width));
      return { ...toRgb(planes, width * side, height * side), span };
    },
    release: () => network.release(),
  };
}

/** Latents of a picture that is `side` times smaller: the means of its squares. What does not fill a square is left out. */
function meanOfSquares(latents: Float32Array, { height, width }: Extent, side: number): Float32Array {
  const rows = Math.floor(height / side);
  const columns = Math.floor(width / side);
  const channels = latents.length / (height * width);
  const means = new Float32Array(channels * rows * columns);
  for (let row = 0; row < channels * rows; row++) {
    const from = (Math.floor(row / rows) * height + (row % rows) * side) * width;
    for (let column = 0; column < columns; column++) {
      let sum = 0;
      for (let y = 0; y < side; y++) for (let x = 0; x < side; x++) sum += latents[from + y * width + column * side + x]!;
      means[row * columns + column] = sum / side ** 2;
    }
  }
  return means;
}
