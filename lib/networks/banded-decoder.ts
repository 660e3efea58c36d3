import type { WeightSource } from "../checkpoints/tensor.js";
import { type Activation, addSums, BandedWalk, emptyActivation } from "./banded-walk.js";
import type { AutoencoderKLConfig } from "./config.js";
import { buildCoarsePart, coarseChannels, coarseScale, decoderSegments } from "./decoder-segments.js";
import type { BuildOptions } from "./network-builder.js";
import type { ShapedNetwork } from "./shaped-network.js";

/**
 * Decodes a large picture band by band. The values are those of the whole decoder up to rounding, because the normalisations share the
 * whole picture's statistics; what has to be in memory is two or three activations instead of the scratch space of the whole graph.
 */
export class BandedDecoder {
  /** @param network holds the decoder's weights; its sessions are made one after the other */
  constructor(
    private readonly network: ShapedNetwork,
    private readonly config: AutoencoderKLConfig,
    private readonly build: BuildOptions,
  ) {}

  /**
   * @param latents (latentChannels, H, W), already divided by the scaling factor
   * @param between called between two bands; what it throws ends the decoding
   * @returns (outChannels, scale·H, scale·W), about −1 … 1
   */
  async decode(
    latents: Float32Array,
    extent: { readonly height: number; readonly width: number },
    between: () => Promise<void>,
  ): Promise<Float32Array> {
    const walk = new BandedWalk("vae_decoder", this.network, this.config, this.build, between);
    return toPlanes(await walk.walk(decoderSegments(this.config), await this.#coarse(latents, extent)));
  }

  async #coarse(latents: Float32Array, { height, width }: { height: number; width: number }): Promise<Activation> {
    const { config } = this;
    const output = await this.network.run(
      `coarse ${height}x${width}`,
      (source: WeightSource) => buildCoarsePart(config, source, { height, width }, this.build),
      { latents: { data: latents, shape: [1, config.latentChannels, height, width] } },
    );
    const scale = coarseScale(config);
    const x = emptyActivation(height * scale, width * scale, coarseChannels(config));
    x.rows.set(output.subarray(0, x.rows.length));
    addSums(x, output);
    return x;
  }
}

function toPlanes({ rows, height, width, channels }: Activation): Float32Array {
  const area = height * width;
  const planes = new Float32Array(channels * area);
  for (let pixel = 0; pixel < area; pixel++) {
    for (let c = 0; c < channels; c++) planes[c * area + pixel] = rows[pixel * channels + c]!;
  }
  return planes;
}
