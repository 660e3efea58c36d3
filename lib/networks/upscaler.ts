import type { WeightSource } from "../checkpoints/tensor.js";
import { DreamError } from "../errors.js";
import { ExportedGraph, type PortDescription } from "../onnx/exported-graph.js";
import { fastConvolutions } from "./convolution/policy.js";
import type { BuildOptions } from "./network-builder.js";
import type { Extent } from "./network-sessions.js";
import { describePorts, isFixedSide, isPicturePort } from "./picture-port.js";
import { ShapedNetwork } from "./shaped-network.js";
import { buildCompactNetwork } from "./upscaler-compact.js";
import { type UpscalerConfig, upscalerBytesPerPixel, upscalerContext, upscalerScale } from "./upscaler-config.js";
import { buildRrdbNetwork } from "./upscaler-rrdb.js";

/** A network that makes pictures larger, piece by piece. */
export interface Upscaler {
  /** How many times larger it makes both sides. */
  readonly scale: number;
  /** Sides of a piece are multiples of this many pixels. */
  readonly step: number;
  /** Pixels around a piece that must be seen with it, so that its edges do not show. */
  readonly context: number;
  /** Estimated bytes that enlarging takes for each pixel of a piece. */
  readonly bytesPerPixel: number;
  /** The only size of a piece, where there is only one. */
  readonly pieceSize?: Extent;
  /**
   * @param picture (3, H, W) in 0 … 1
   * @returns (3, scale·H, scale·W), about 0 … 1
   */
  enlarge(picture: Float32Array, piece: Extent): Promise<Float32Array>;
  release(): Promise<void>;
}

const BAND_BYTES = 12e6;
/** Sizes of pieces whose sessions may exist at a time: of whole pieces, and of a picture smaller than one. */
const SESSIONS = 2;

/**
 * An upscaler whose graph we build; nothing is loaded before it is used.
 * @throws DreamError weights/* when it does not fit together
 */
export function createUpscaler(config: UpscalerConfig, source: WeightSource, threads: number): Upscaler {
  const options: BuildOptions = { convolutions: fastConvolutions, seamless: "", bandBytes: BAND_BYTES };
  const build = (weights: WeightSource, piece: Extent) =>
    config.kind === "rrdb" ? buildRrdbNetwork(config, weights, piece, options) : buildCompactNetwork(config, weights, piece, options);
  const step = config.kind === "rrdb" ? config.unshuffle : 1;
  // Faulty weights are found before a picture is worked on.
  build(source, { height: 8 * step, width: 8 * step });
  const network = new ShapedNetwork({ name: "upscaler", source, threads, releaseScratch: true, onNotice: () => {}, capacity: SESSIONS });
  return {
    scale: upscalerScale(config),
    step,
    context: upscalerContext(config),
    bytesPerPixel: upscalerBytesPerPixel(config),
    enlarge: (picture, piece) =>
      network.run(`${piece.height}x${piece.width}`, (weights) => build(weights, piece), {
        picture: { data: picture, shape: [1, 3, piece.height, piece.width] },
      }),
    release: () => network.release(),
  };
}

/** Sides that every exported upscaler accepts: attention windows and unshuffled pixels ask for no more. */
const EXPORTED_STEP = 8;
const EXPORTED_CONTEXT = 32;
/** Nobody knows what is inside; RRDBNet with 64 channels takes about this much. */
const EXPORTED_BYTES_PER_PIXEL = 20_000;
const LARGEST_SCALE = 8;
/** Pixels a side of a piece that an exported graph may ask for. */
const LARGEST_PIECE = 2048;

/**
 * An upscaler that somebody exported: one picture (1, 3, H, W) in 0 … 1 goes in, one comes out, of a free or a fixed size. How many times
 * larger it is, the file need not say; a grey picture is enlarged to see it.
 * @throws DreamError upscaler/unsupported
 */
export async function openExportedUpscaler(path: string, threads: number): Promise<Upscaler> {
  const graph = await ExportedGraph.open(path, { threads, releaseScratch: true });
  try {
    const [input] = graph.inputs;
    if (input === undefined || graph.inputs.length > 1 || !isPicturePort(input)) throw notSuch(graph);
    const pieceSize = fixedSize(input, path);
    const enlarge = (picture: Float32Array, { height, width }: Extent) =>
      graph.run({ [input.name]: { data: picture, shape: [1, 3, height, width] } });
    const tried = pieceSize ?? { height: 64, width: 64 };
    const area = 3 * tried.height * tried.width;
    const scale = Math.sqrt((await enlarge(new Float32Array(area).fill(0.5), tried)).length / area);
    if (!Number.isInteger(scale) || scale < 2 || scale > LARGEST_SCALE) {
      throw new DreamError("upscaler/unsupported", `${path} does not make a picture 2 to ${LARGEST_SCALE} times larger`);
    }
    return {
      scale,
      step: EXPORTED_STEP,
      context: EXPORTED_CONTEXT,
      bytesPerPixel: EXPORTED_BYTES_PER_PIXEL,
      pieceSize,
      enlarge,
      release: () => graph.release(),
    };
  } catch (failure) {
    await graph.release();
    throw failure;
  }
}

function fixedSize({ shape }: PortDescription, path: string): Extent | undefined {
  const [, , height, width] = shape;
  if (!isFixedSide(height) && !isFixedSide(width)) return undefined;
  const isUsable = (side: number | string | undefined): side is number =>
    isFixedSide(side) && side > 2 * EXPORTED_CONTEXT && side <= LARGEST_PIECE;
  if (isUsable(height) && isUsable(width)) return { height, width };
  const limits = `both sides must be free, or fixed from ${2 * EXPORTED_CONTEXT + 1} to ${LARGEST_PIECE}`;
  throw new DreamError("upscaler/unsupported", `${path} takes pictures of ${width}×${height} pixels: ${limits}`);
}

function notSuch({ path, inputs, outputs }: ExportedGraph): DreamError {
  const ports = `it takes ${describePorts(inputs)} and gives ${describePorts(outputs)}`;
  return new DreamError("upscaler/unsupported", `${path} is not an upscaler: ${ports}`);
}
