import type { Feed } from "../onnx/session.js";
import { type BandSegment, buildSegment } from "./band-segments.js";
import type { AutoencoderKLConfig } from "./config.js";
import type { BuildOptions } from "./network-builder.js";
import type { ShapedNetwork } from "./shaped-network.js";
import { tileSpans } from "./spans.js";

/** A band's activation is so many times what a convolution gathers at a time: large enough for full speed, small against the picture's. */
const GATHERS_PER_BAND = 2;
/** Lower bands would get another form of convolution, and kernels of their own. */
const LEAST_BAND_ROWS = 32;

/** An activation of the whole picture and the sums over its pixels. */
export interface Activation {
  /** (height·width, channels) */
  readonly rows: Float32Array;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly sums: Float64Array;
  readonly squares: Float64Array;
}

/** A band of a piece's input: the rows that it is given, and which of the rows that come of it are its own. */
interface Band {
  /** Below 0 or beyond the end where the picture goes on at its other side. */
  readonly from: number;
  readonly height: number;
  readonly firstOwn: number;
  readonly endOwn: number;
}

const SCALES = { convolve: 1, normalize: 1, double: 2, halve: 1 / 2 } as const;

/** Takes a large picture through pieces of the VAE band by band, so that few activations are in memory at a time. */
export class BandedWalk {
  /**
   * @param network holds the weights; its sessions are made one after the other
   * @param between called before each band; what it throws ends the walk
   */
  constructor(
    private readonly name: "vae_decoder" | "vae_encoder",
    private readonly network: ShapedNetwork,
    private readonly config: AutoencoderKLConfig,
    private readonly build: BuildOptions,
    private readonly between: () => Promise<void>,
  ) {}

  async walk(segments: readonly BandSegment[], start: Activation): Promise<Activation> {
    let x = start;
    let skip: Activation | undefined;
    for (const segment of segments) {
      const input = x;
      x = await this.#segment(segment, input, skip);
      skip = segment.kind === "normalize" && segment.skip === "keep" ? input : undefined;
    }
    return x;
  }

  async #segment(segment: BandSegment, x: Activation, skip: Activation | undefined): Promise<Activation> {
    const { name, config } = this;
    const { width } = x;
    const scale = SCALES[segment.kind];
    const y = emptyActivation(x.height * scale, width * scale, segment.outChannels);
    // Bands wrap around sideways only: their upper and lower neighbours are given to them.
    const build: BuildOptions = { ...this.build, seamless: this.build.seamless.includes("x") ? "x" : "" };
    for (const { from, height, firstOwn, endOwn } of this.#bands(segment, x)) {
      await this.between();
      const band = (whole: Activation): Feed => ({
        data: bandRows(whole, from, height),
        shape: [height * width, whole.channels],
      });
      const outputPixels = height * scale * y.width;
      const mask = new Float32Array(outputPixels).fill(1, firstOwn * y.width, endOwn * y.width);
      const feeds: Record<string, Feed> = { rows: band(x), mask: { data: mask, shape: [1, outputPixels] } };
      if (segment.kind === "normalize") Object.assign(feeds, moments(x, config.normGroups));
      if (segment.kind === "normalize" && segment.skip === "add") feeds.skip = band(skip as Activation);
      const output = await this.network.run(
        `${segment.key} ${height}x${width}`,
        (source) => buildSegment(name, config, source, segment, { height, width }, build),
        feeds,
      );
      const rowSize = y.width * y.channels;
      y.rows.set(output.subarray(firstOwn * rowSize, endOwn * rowSize), (from * scale + firstOwn) * rowSize);
      addSums(y, output);
    }
    return y;
  }

  #bands(segment: BandSegment, x: Activation): Band[] {
    const scale = SCALES[segment.kind];
    const wide = Math.max(segment.inChannels, segment.outChannels) * Math.max(scale, 1) ** 2;
    const tile = Math.max(LEAST_BAND_ROWS, Math.floor((GATHERS_PER_BAND * this.build.bandBytes) / (x.width * wide * 4) / 4) * 4);
    // Rows beyond the edge exist only where the picture goes on at the other side.
    const wraps = this.build.seamless.includes("y");
    return segment.kind === "halve" ? halvingBands(x.height, tile, wraps) : bands(x.height, tile, wraps, scale);
  }
}

/** The outermost rows of a band see padding where a neighbour should be: each neighbour keeps its half of the shared ones. */
function bands(rows: number, tile: number, wraps: boolean, scale: number): Band[] {
  const margin = wraps ? 1 : 0;
  const spans = tileSpans(rows + 2 * margin, { tile, overlap: 2 });
  return spans.map(({ start, length, before, behind }, index) => ({
    from: start - margin,
    height: length,
    firstOwn: (index === 0 ? margin : Math.floor(before / 2)) * scale,
    endOwn: (length - (index === spans.length - 1 ? margin : Math.ceil(behind / 2))) * scale,
  }));
}

/** A halved row is made of two rows and the one below them, so only a band's last one sees padding. Spans are counted in halved rows. */
function halvingBands(rows: number, tile: number, wraps: boolean): Band[] {
  const spans = tileSpans(rows / 2 + (wraps ? 1 : 0), { tile: tile / 2, overlap: 1 });
  return spans.map(({ start, length, before }, index) => ({
    from: start * 2,
    height: length * 2,
    firstOwn: index === 0 ? 0 : before - 1,
    endOwn: length - (index === spans.length - 1 && !wraps ? 0 : 1),
  }));
}

/** To be filled. */
export function emptyActivation(height: number, width: number, channels: number): Activation {
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
export function addSums({ sums, squares, channels }: Activation, output: Float32Array): void {
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
