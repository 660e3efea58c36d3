import type { TensorRef, WeightSource } from "../checkpoints/tensor.js";
import { DreamError } from "../errors.js";
import type { ModelComponents, WeightsModel } from "../models/model-components.js";
import { vaeScale } from "../models/open-diffusers.js";
import { isEncoderKey } from "../networks/autoencoder-kl.js";
import { kernelBytes, kernelForm } from "../networks/convolution/kernel-forms.js";
import { type ConvolutionPolicy, fastConvolutions, leanConvolutions } from "../networks/convolution/policy.js";
import { deltasOf, type WeightDeltas } from "../networks/weight-delta.js";
import { LARGEST_WHOLE } from "../pipeline/decode.js";

export type MemoryMode = "fast" | "lean";

export interface PictureSize {
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  /** It begins with a picture, for which the VAE's encoder is loaded. */
  readonly encodes?: boolean;
  /** Its prompt swaps words: a third pass goes through the U-Net. */
  readonly swaps?: boolean;
}

/** Two passes, with and without the prompt, go through the U-Net together. */
const BATCH = 2;
const SWAPPING_BATCH = 3;

const FLOAT_BYTES = 4;

/** Intermediate values that live at the peak, in activations of the finest level; measured at SD 1.5 size (`docs/benchmarks.md`). */
const UNET_LIVE_ACTIVATIONS = { fast: 110, lean: 75 } as const;
const VAE_LIVE_ACTIVATIONS = { fast: 14, lean: 10 } as const;
/** The same where the picture is decoded in bands: a block's input, output and shortcut, and what was not collected yet. */
const BANDED_VAE_LIVE_ACTIVATIONS = 6;

/** The process itself: Node, onnxruntime, the vocabulary. */
export const BASE_BYTES = 150e6;

/**
 * Bytes that the engine needs at its peak for one picture: the networks' weights in the form the graphs want them, and what lives while a
 * step or the decoding runs.
 */
export function estimateMemory(model: ModelComponents, size: PictureSize, mode: MemoryMode): number {
  if (model.layout === "onnx") {
    // Exported graphs hold the attention scores of all heads (8 in SD 1.x) and their softmax.
    const positions = (size.width / 8) * (size.height / 8);
    return BASE_BYTES + model.parameterBytes + BATCH * 2 * 8 * positions ** 2 * FLOAT_BYTES + BATCH * positions * 320 * 150 * FLOAT_BYTES;
  }
  const scale = vaeScale(model.vae.config);
  const latent = { ...size, height: size.height / scale, width: size.width / scale };
  const positions = latent.height * latent.width;
  const unet = unetScratchBytes(model, latent, mode);
  // What the bands themselves need is as much as the largest picture that is decoded whole.
  const live = VAE_LIVE_ACTIVATIONS[mode];
  const alive = Math.min(positions, LARGEST_WHOLE) * live + Math.max(0, positions - LARGEST_WHOLE) * BANDED_VAE_LIVE_ACTIVATIONS;
  const vae = alive * scale ** 2 * (model.vae.config.blockOutChannels[0] ?? 0) * FLOAT_BYTES;
  return BASE_BYTES + weightBytes(model, latent, mode) + Math.max(unet, vae);
}

/** @param latent extents of the latents */
function unetScratchBytes(model: WeightsModel, { width, height, swaps }: PictureSize, mode: MemoryMode): number {
  return (
    (swaps ? SWAPPING_BATCH : BATCH) *
    width *
    height *
    (model.unet.config.blockOutChannels[0] ?? 0) *
    FLOAT_BYTES *
    UNET_LIVE_ACTIVATIONS[mode]
  );
}

/**
 * Bytes that one network more takes beside a model's own: its weights, and for the U-Net what lives while a step runs. Kernels that the deltas
 * leave alone are the model's own.
 */
export function estimateNetwork(
  model: WeightsModel,
  size: PictureSize,
  mode: MemoryMode,
  network: "unet" | "textEncoder",
  deltas: WeightDeltas,
): number {
  const scale = vaeScale(model.vae.config);
  const latent = { ...size, height: size.height / scale, width: size.width / scale };
  if (network === "textEncoder") return networkBytes(model, latent, mode).text;
  const { unet } = networkBytes(model, latent, mode, (key, shape) => shape[2] !== 3 || deltasOf(key, deltas).length > 0);
  return unet + unetScratchBytes(model, latent, mode);
}

/**
 * Bytes that a model takes between two pictures: its weights, and in the fast mode the scratch memory that its sessions keep.
 * @param size of the largest picture it made
 */
export function estimateHeld(model: ModelComponents, size: PictureSize, mode: MemoryMode): number {
  return mode === "fast" ? estimateMemory(model, size, mode) - BASE_BYTES : estimateWeights(model, size, mode);
}

/** Bytes of a model's weights in the form that the graphs want them. The size decides the form of the kernels. */
export function estimateWeights(model: ModelComponents, size: PictureSize, mode: MemoryMode): number {
  if (model.layout === "onnx") return model.parameterBytes;
  const scale = vaeScale(model.vae.config);
  return weightBytes(model, { height: size.height / scale, width: size.width / scale, encodes: size.encodes }, mode);
}

function weightBytes(model: WeightsModel, latent: PictureSize, mode: MemoryMode): number {
  const { unet, vae, text } = networkBytes(model, latent, mode);
  return unet + vae + text;
}

/** @param isOwn tells which of the U-Net's weights count */
function networkBytes(
  model: WeightsModel,
  latent: PictureSize,
  mode: MemoryMode,
  isOwn: (key: string, shape: readonly number[]) => boolean = () => true,
): Record<"unet" | "vae" | "text", number> {
  const policy = mode === "fast" ? fastConvolutions : leanConvolutions;
  const levels = model.unet.config.blockOutChannels.length;
  const unet = preparedBytes(model.unet.weights, policy, (key, { shape }) =>
    isOwn(key, shape) ? scaled(latent, -unetLevel(key, levels)) : undefined,
  );
  // The encoder half of the VAE stays on disk until an initial picture needs it. Its activations are smaller than the decoder's.
  const vae = preparedBytes(model.vae.weights, policy, (key) =>
    isEncoderKey(key) && !latent.encodes ? undefined : scaled(latent, vaeLevel(key)),
  );
  const text = preparedBytes(model.textEncoder.weights, policy, (key) => (key.includes("token_embedding") ? undefined : latent));
  return { unet, vae, text };
}

/** Bytes of all weights as 32-bit floats, 3×3 kernels in the form that the policy chooses. `extentOf` gives undefined for what is not loaded. */
function preparedBytes(
  weights: WeightSource,
  policy: ConvolutionPolicy,
  extentOf: (key: string, tensor: TensorRef) => { height: number; width: number } | undefined,
): number {
  let bytes = 0;
  for (const key of weights.keys()) {
    const tensor = weights.get(key);
    const extent = tensor && extentOf(key, tensor);
    if (tensor === undefined || extent === undefined) continue;
    bytes += preparedTensorBytes(key, tensor, extent, policy);
  }
  return bytes;
}

/** Bytes of one weight: 32-bit floats, or a 3×3 kernel in the form that the policy chooses. */
function preparedTensorBytes(
  key: string,
  { shape }: TensorRef,
  extent: { height: number; width: number },
  policy: ConvolutionPolicy,
): number {
  const [outChannels = 0, inChannels = 0, kernelHeight, kernelWidth] = shape;
  if (kernelHeight !== 3 || kernelWidth !== 3) return shape.reduce((product, side) => product * side, FLOAT_BYTES);
  const stride = key.includes("downsamplers") ? 2 : 1;
  return kernelBytes(kernelForm(policy({ batch: BATCH, ...extent, inChannels, outChannels, stride })), outChannels, inChannels);
}

/** How many times the latents were halved where this weight works. */
function unetLevel(key: string, levels: number): number {
  const [, direction, index = "0", rest = ""] = /^(down|mid|up)_block(?:s\.(\d+))?\.(.*)/.exec(key) ?? [];
  if (direction === "down") return Number(index) + (rest.startsWith("downsamplers") ? 1 : 0);
  if (direction === "mid") return levels - 1;
  if (direction === "up") return levels - 1 - Number(index) - (rest.startsWith("upsamplers") ? 1 : 0);
  return 0;
}

/** How many times larger than the latents' the extents are where this weight works, in doublings; heads are as large as the block beside them. */
function vaeLevel(key: string): number {
  if (isEncoderKey(key)) return encoderLevel(key);
  const [, index, rest = ""] = /up_blocks\.(\d+)\.(.*)/.exec(key) ?? [];
  if (index === undefined) return key.includes("conv_out") ? 3 : 0;
  return Number(index) + (rest.startsWith("upsamplers") ? 1 : 0);
}

function encoderLevel(key: string): number {
  if (key.includes("conv_in")) return 3;
  const [, index] = /down_blocks\.(\d+)\./.exec(key) ?? [];
  return index === undefined ? 0 : 3 - Number(index);
}

function scaled({ height, width }: { height: number; width: number }, doublings: number): { height: number; width: number } {
  return { height: height * 2 ** doublings, width: width * 2 ** doublings };
}

export interface MemoryChoice {
  readonly mode: MemoryMode;
  /** Why it is not the fast one, as a sentence for the user. */
  readonly notice?: string;
}

/**
 * The mode that a picture of this size is made in.
 * @param wanted "auto" takes the fast mode where it fits
 * @param available bytes that may be taken, whatever is released first included
 * @throws DreamError memory/predicted when it does not fit
 */
export function chooseMemoryMode(model: ModelComponents, size: PictureSize, wanted: "auto" | MemoryMode, available: number): MemoryChoice {
  const modes: readonly MemoryMode[] = wanted === "auto" ? ["fast", "lean"] : [wanted];
  const needs = modes.map((mode) => ({ mode, bytes: estimateMemory(model, size, mode) }));
  const fitting = needs.find(({ bytes }) => bytes <= available);
  if (fitting === undefined) {
    const least = Math.min(...needs.map(({ bytes }) => bytes));
    throw new DreamError(
      "memory/predicted",
      `${size.width}×${size.height} needs about ${gigabytes(least)} of memory with this model and ${gigabytes(available)} are available`,
    );
  }
  if (fitting.mode === modes[0]) return { mode: fitting.mode };
  const fast = needs[0]!.bytes;
  return {
    mode: "lean",
    notice: `using the lean mode: the fast one needs about ${gigabytes(fast)} of memory and ${gigabytes(available)} are available`,
  };
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
