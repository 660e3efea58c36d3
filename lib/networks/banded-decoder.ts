import type { WeightSource } from "../checkpoints/tensor.js";
import type { Feed } from "../onnx/session.js";
import type { AutoencoderKLConfig } from "./config.js";
import { buildCoarsePart, buildSegment, coarseChannels, coarseScale, type DecoderSegment, decoderSegments } from "./decoder-segments.js";
import type { BuildOptions } from "./network-builder.js";
import type { ShapedNetwork } from "./shaped-network.js";
import { tileSpans } from "./spans.js";

/** A band's activation is so many times what a convolution gathers at a time: large enough for full speed, small against the picture's. */
const GATHERS_PER_BAND = 2;
/** Lower bands would get another form of convolution, and kernels of their own. */
const LEAST_BAND_ROWS = 32;

/** An activation of the whole picture and the sums over its pixels. */
interface Activation {
  /** (height·width, channels) */
  readonly rows: Float32Array;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly sums: Float64Array;
  readonly squares: Float64Array;
}

/**
 * Decodes a large picture band by band. The values are those of the whole decoder up to rounding, because the normalisations share the
 * whole picture's statistics; what has to be in memory is two or three activations instead of the scratch space of the whole graph.
 */
export class BandedDecoder {
  readonly #build: BuildOptions;

  /** @param network holds the decoder's weights; its sessions are made one after the other */
  constructor(
    private readonly network: ShapedNetwork,
    private readonly config: AutoencoderKLConfig,
    build: BuildOptions,
  ) {
    this.#build = build;
  }

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
    let x = await this.#coarse(latents, extent);
    let skip: Activation | undefined;
    for (const segment of decoderSegments(this.config)) {
      const input = x;
      x = await this.#segment(segment, input, skip, between);
      skip = segment.kind === "normalize" && segment.skip === "keep" ? input : undefined;
    }
    return toPlanes(x);
  }

  async #coarse(latents: Float32Array, { height, width }: { height: number; width: number }): Promise<Activation> {
    const { config } = this;
    const output = await this.network.run(
      `coarse ${height}x${width}`,
      (source: WeightSource) => buildCoarsePart(config, source, { height, width }, this.#build),
      { latents: { data: latents, shape: [1, config.latentChannels, height, width] } },
    );
    const scale = coarseScale(config);
    const x = emptyActivation(height * scale, width * scale, coarseChannels(config));
    x.rows.set(output.subarray(0, x.rows.length));
    addSums(x, output);
    return x;
  }

  async #segment(segment: DecoderSegment, x: Activation, skip: Activation | undefined, between: () => Promise<void>): Promise<Activation> {
    const { config } = this;
    const { width } = x;
    const scale = segment.kind === "upsample" ? 2 : 1;
    const y = emptyActivation(x.height * scale, width * scale, segment.outChannels);
    // Rows beyond the edge exist only where the picture goes on at the other side.
    const margin = this.#build.seamless.includes("y") ? 1 : 0;
    const wide = Math.max(segment.inChannels, segment.outChannels) * scale * scale;
    const tile = Math.max(LEAST_BAND_ROWS, Math.floor((GATHERS_PER_BAND * this.#build.bandBytes) / (width * wide * 4) / 4) * 4);
    const spans = tileSpans(x.height + 2 * margin, { tile, overlap: 2 });
    for (const [index, span] of spans.entries()) {
      await between();
      const from = span.start - margin;
      const height = span.length;
      // The outermost rows of a band see padding where a neighbour should be: each neighbour keeps its half of the shared ones.
      const firstOwn = index === 0 ? margin : Math.floor(span.before / 2);
      const endOwn = height - (index === spans.length - 1 ? margin : Math.ceil(span.behind / 2));
      const band = (whole: Activation): Feed => ({
        data: bandRows(whole, from, height),
        shape: [height * width, whole.channels],
      });
      const outputPixels = height * width * scale * scale;
      const mask = new Float32Array(outputPixels).fill(1, firstOwn * width * scale * scale, endOwn * width * scale * scale);
      const feeds: Record<string, Feed> = { rows: band(x), mask: { data: mask, shape: [1, outputPixels] } };
      if (segment.kind === "normalize") Object.assign(feeds, moments(x, config.normGroups));
      if (segment.kind === "normalize" && segment.skip === "add") feeds.skip = band(skip as Activation);
      const output = await this.network.run(
        `${segment.key} ${height}x${width}`,
        // Bands wrap around sideways only: their upper and lower neighbours are given to them.
        (source) =>
          buildSegment(
            config,
            source,
            segment,
            { height, width },
            { ...this.#build, seamless: this.#build.seamless.includes("x") ? "x" : "" },
          ),
        feeds,
      );
      const rowSize = y.width * y.channels;
      y.rows.set(output.subarray(firstOwn * scale * rowSize, endOwn * scale * rowSize), (from + firstOwn) * scale * rowSize);
      addSums(y, output);
    }
    return y;
  }
}

function emptyActivation(height: number, width: number, channels: number): Activation {
  const rows = new Float32Array(height * width * channels);
  return { rows, height, width, channels, sums: new Float64Array(channels), squares: new Float64Array(channels) };
}

/** Picture rows `from … from + height − 1`; those beyond the edges come from the other side. */
function bandRows({ rows, height: all, width, channels }: Activation, from: number, height: number): Float32Array {
  const rowSize = width * channels;
  if (from >= 0 && from + height <= all) return rows.subarray(from * rowSize, (from + height) * rowSize);
  const band = new Float32Array(height * rowSize);
  for (let y = 0; y < height; y++) {
    const source = (from + y + all) % all;
    band.set(rows.subarray(source * rowSize, (source + 1) * rowSize), y * rowSize);
  }
  return band;
}

/** The last two rows of a piece's output are sums and sums of squares. */
function addSums({ sums, squares, channels }: Activation, output: Float32Array): void {
  const start = output.length - 2 * channels;
  for (let c = 0; c < channels; c++) {
    sums[c]! += output[start + c]!;
    squares[c]! += output[start + channels + c]!;
  }
}

/** Mean and variance of each group of channels. */
function moments({ height, width, channels, sums, squares }: Activation, groups: number): Record<"mean" | "variance", Feed> {
  const mean = new Float32Array(groups);
  const variance = new Float32Array(groups);
  const perGroup = channels / groups;
  const count = height * width * perGroup;
  for (let group = 0; group < groups; group++) {
    let sum = 0;
    let square = 0;
    for (let c = group * perGroup; c < (group + 1) * perGroup; c++) {
      sum += sums[c]!;
      square += squares[c]!;
    }
    mean[group] = sum / count;
    variance[group] = Math.max(0, square / count - (sum / count) ** 2);
  }
  const shape = [1, groups, 1];
  return { mean: { data: mean, shape }, variance: { data: variance, shape } };
}

function toPlanes({ rows, height, width, channels }: Activation): Float32Array {
  const area = height * width;
  const planes = new Float32Array(channels * area);
  for (let pixel = 0; pixel < area; pixel++) {
    for (let c = 0; c < channels; c++) planes[c * area + pixel] = rows[pixel * channels + c]!;
  }
  return planes;
}
