import type { Value } from "../../onnx/graph.js";
import type { FeatureMap } from "../feature-map.js";
import type { NetworkBuilder } from "../network-builder.js";
import {
  im2colIndices,
  type Sampling,
  storedRows,
  tapIndices,
  tileGrid,
  winogradInputIndices,
  winogradOutputIndices,
} from "./gather-indices.js";
import { kernelForm } from "./kernel-forms.js";
import { winogradTransform } from "./winograd.js";

export interface ConvolutionOptions {
  readonly outChannels: number;
  readonly stride?: 1 | 2;
  /** Nearest-neighbour enlargement before the convolution. */
  readonly upsample?: 1 | 2;
  /** Extent behind the enlargement, where it is odd: the last row or column is left out. */
  readonly enlarged?: Pick<FeatureMap, "height" | "width">;
  /** 0 pads only at the right and the bottom (VAE encoder). */
  readonly padStart?: 0 | 1;
  /** Leave the bias to the caller, who has something else to add anyway. */
  readonly omitBias?: boolean;
}

/**
 * A 3×3 convolution over rows, in the form that the builder's policy chooses. All forms give the same values up to rounding
 * (about 3e-6 relative for Winograd).
 * @param key layer name: reads `key.weight` (O, I, 3, 3) and `key.bias` (O)
 */
export function convolution3x3(net: NetworkBuilder, x: FeatureMap, key: string, options: ConvolutionOptions): FeatureMap {
  const { outChannels, stride = 1, upsample = 1, padStart = 1 } = options;
  const { height, width } = options.enlarged ?? { height: x.height * upsample, width: x.width * upsample };
  const sampling: Sampling = {
    batch: x.batch,
    height,
    width,
    upsample,
    wrapX: net.wrapX,
    wrapY: net.wrapY,
  };
  const output = { batch: x.batch, height: Math.ceil(height / stride), width: Math.ceil(width / stride), channels: outChannels };
  const form = net.convolutions({ ...output, inChannels: x.channels, outChannels, stride });
  const stored = net.weights.kernel(`${key}.weight`, kernelForm(form), outChannels, x.channels);
  const kernel = net.ops.toFloat(stored);
  const site: Site = { net, x, sampling, kernel, outChannels, outWidth: output.width, outRows: x.batch * output.height };
  const sums =
    form.kind === "winograd" ? winograd(site, form.outputTile) : form.kind === "im2col" ? im2col(site, stride, padStart) : tapsFirst(site);
  const rows = options.omitBias ? sums : net.ops.add(sums, net.weights.tensor(`${key}.bias`, [outChannels]));
  return { ...output, rows };
}

interface Site {
  readonly net: NetworkBuilder;
  readonly x: FeatureMap;
  readonly sampling: Sampling;
  /** In the form that the way of computing wants. */
  readonly kernel: Value;
  readonly outChannels: number;
  readonly outWidth: number;
  /** Rows of output pixels over the whole batch: B·H. */
  readonly outRows: number;
}

function winograd(site: Site, outputTile: 2 | 4): Value {
  const { net, x, sampling, outChannels } = site;
  const { ops } = net;
  const { inputTile, input, output } = winogradTransform(outputTile);
  const places = inputTile ** 2;
  const constant = (name: string, shape: number[], data: Float32Array) =>
    ops.graph.constant(`winograd${outputTile}.${name}`, "float32", shape, () => data);
  const inputMatrix = constant("input", [places, places], input);
  const outputMatrix = constant("output", [outputTile ** 2, places], output);

  const padded = net.withZeroRow(x.rows);
  const grid = tileGrid(sampling, outputTile);
  const tileRowBytes = places * grid.columns * Math.max(x.channels, outChannels) * 4;
  const name = `winograd${outputTile}:${samplingName(sampling)}`;
  const bands = net.bands(grid.rows, tileRowBytes).map(([from, to]) => {
    const tiles = (to - from) * grid.columns;
    const inputIndices = net.indices(`${name}:in:${from}-${to}`, [places * tiles], () =>
      winogradInputIndices(sampling, outputTile, from, to),
    );
    let t = ops.reshape(ops.gatherRows(padded, inputIndices), [places, tiles * x.channels]); // (n², T·I)
    t = ops.reshape(ops.matmul(inputMatrix, t), [places, tiles, x.channels]); // (n², T, I)
    t = ops.reshape(ops.matmulTransposed(t, site.kernel), [places, tiles * outChannels]); // (n², T·O)
    t = ops.reshape(ops.matmul(outputMatrix, t), [outputTile ** 2 * tiles, outChannels]); // (m²·T, O)
    const pixelIndices = winogradOutputIndices(sampling, outputTile, from, to);
    return ops.gatherRows(
      t,
      net.indices(`${name}:out:${from}-${to}`, [pixelIndices.length], () => pixelIndices),
    );
  });
  return ops.concat(bands, 0); // (B·H·W, O)
}

function im2col(site: Site, stride: number, padStart: number): Value {
  const { net, x, sampling, outWidth, outRows } = site;
  const { ops } = net;
  const padded = net.withZeroRow(x.rows);
  const name = `im2col:${samplingName(sampling)}:s${stride}p${padStart}`;
  const bands = net.bands(outRows, outWidth * 9 * x.channels * 4).map(([from, to]) => {
    const count = (to - from) * outWidth;
    const indices = net.indices(`${name}:${from}-${to}`, [count * 9], () => im2colIndices(sampling, stride, padStart, from, to));
    return ops.gemm(ops.reshape(ops.gatherRows(padded, indices), [count, 9 * x.channels]), site.kernel);
  });
  return ops.concat(bands, 0);
}

function tapsFirst(site: Site): Value {
  const { net, x, sampling, outChannels, outWidth, outRows } = site;
  const { ops } = net;
  const products = ops.gemm(x.rows, site.kernel); // (rows, 9·O)
  const padded = net.withZeroRow(ops.reshape(products, [storedRows(sampling) * 9, outChannels]));
  const indices = net.indices(`taps:${samplingName(sampling)}`, [outRows * outWidth, 9], () => tapIndices(sampling, 0, outRows));
  return ops.sum(ops.gatherRows(padded, indices), 1);
}

function samplingName({ batch, height, width, upsample, wrapX, wrapY }: Sampling): string {
  return `${batch}x${height}x${width}u${upsample}${wrapX ? "x" : ""}${wrapY ? "y" : ""}`;
}
