import { BandedWalk, emptyActivation } from "./banded-walk.js";
import type { AutoencoderKLConfig } from "./config.js";
import { bandedScale, buildEncoderEnd, encoderSegments } from "./encoder-segments.js";
import type { BuildOptions } from "./network-builder.js";
import type { ShapedNetwork } from "./shaped-network.js";

/** Encodes a large picture band by band, as `BandedDecoder` decodes one: the values are those of the whole encoder up to rounding. */
export class BandedEncoder {
  /** @param network holds the encoder's weights; its sessions are made one after the other */
  constructor(
    private readonly network: ShapedNetwork,
    private readonly config: AutoencoderKLConfig,
    private readonly build: BuildOptions,
  ) {}

  /**
   * @param picture (inChannels, H, W) in −1 … 1
   * @param extent pixels, multiples of 8
   * @param between called between two bands; what it throws ends the encoding
   * @returns (2·latentChannels, H/8, W/8): mean, then log-variance
   */
  async encode(
    picture: Float32Array,
    extent: { readonly height: number; readonly width: number },
    between: () => Promise<void>,
  ): Promise<Float32Array> {
    const { config, build } = this;
    const pixels = emptyActivation(extent.height, extent.width, config.inChannels);
    fillRows(pixels.rows, picture, config.inChannels);
    const fine = await new BandedWalk("vae_encoder", this.network, config, build, between).walk(encoderSegments(config), pixels);
    const coarse = { height: extent.height / bandedScale(config), width: extent.width / bandedScale(config) };
    return this.network.run(`end ${coarse.height}x${coarse.width}`, (source) => buildEncoderEnd(config, source, coarse, build), {
      rows: { data: fine.rows, shape: [coarse.height * coarse.width, fine.channels] },
    });
  }
}

function fillRows(rows: Float32Array, planes: Float32Array, channels: number): void {
  const area = planes.length / channels;
  for (let pixel = 0; pixel < area; pixel++) {
    for (let channel = 0; channel < channels; channel++) rows[pixel * channels + channel] = planes[channel * area + pixel]!;
  }
}
