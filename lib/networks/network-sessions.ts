import type { WeightSource } from "../checkpoints/tensor.js";
import { DreamError } from "../errors.js";
import { attentionBias } from "./attention-bias.js";
import { buildVaeDecoder, buildVaeEncoder, isEncoderKey } from "./autoencoder-kl.js";
import { BandedDecoder } from "./banded-decoder.js";
import { BandedEncoder } from "./banded-encoder.js";
import { buildClipTextEncoder } from "./clip-text-encoder.js";
import { fastConvolutions, leanConvolutions } from "./convolution/policy.js";
import type { BuildOptions } from "./network-builder.js";
import type { NetworkParts } from "./parts.js";
import { ShapedNetwork } from "./shaped-network.js";
import { type SwappedMaps, swapFeeds } from "./swap-feeds.js";
import { TokenTable } from "./token-table.js";
import { buildUNet } from "./unet.js";
import { inTurns } from "./vae-in-turns.js";
import { WeightCache } from "./weight-cache.js";
import type { WeightDeltas } from "./weight-delta.js";

/** The text encoder of a loaded model. */
export interface TextEncoder {
  /** Channels of a hidden state. */
  readonly width: number;
  /**
   * @param ids batch × 77 token ids
   * @param clipSkip layers left out at the end, beyond the model's own choice; 0 for none
   * @param mask batch × 77, 0 hides a token from all others
   * @returns (batch, 77, width), after the final layer norm
   * @throws DreamError usage/line when there are not so many layers, model/unsupported
   */
  encode(ids: Int32Array, batch: number, clipSkip: number, mask?: Int32Array): Promise<Float32Array>;
  /**
   * Appends rows to the token table. Absent where the graph looks tokens up itself.
   * @param vectors (n, width), row-major
   * @returns the id of the first one
   */
  addTokens?(vectors: Float32Array): number;
  /** Whether `encode` takes a mask. */
  canHide(): Promise<boolean>;
  release(): Promise<void>;
}

/** The noise predictor of a loaded model. */
export interface UNet {
  /**
   * @param sample (B, inChannels, H, W)
   * @param context (B, T, D)
   * @returns (B, 4, H, W): epsilon or v, as the model was trained
   */
  predict(sample: Float32Array, timestep: number, context: Float32Array, shape: UNetExtent): Promise<Float32Array>;
  /**
   * The same, but the last picture of the batch, the edited one, takes attention maps of the one before it, the original. Absent where the
   * network cannot be taken apart.
   */
  predictSwapped?(
    sample: Float32Array,
    timestep: number,
    context: Float32Array,
    shape: UNetExtent,
    maps: SwappedMaps,
  ): Promise<Float32Array>;
  /** Builds what `predict` needs for this shape, so that faulty weights are found and the time is spent while loading. */
  prepare(shape: UNetExtent): Promise<void>;
  release(): Promise<void>;
}

/** Latent extents. */
export interface Extent {
  readonly height: number;
  readonly width: number;
}

export interface UNetExtent extends Extent {
  readonly batch: number;
  /** Rows of the context, a multiple of 77; absent is 77. */
  readonly tokens?: number;
}

export interface VaeDecoder {
  /**
   * @param latents (4, H, W), already divided by the scaling factor
   * @returns (3, 8H, 8W), about −1 … 1
   */
  decode(latents: Float32Array, shape: Extent): Promise<Float32Array>;
  /**
   * The same values with less memory, for large pictures. Absent where the network cannot be taken apart.
   * @param between called between two parts of the work; what it throws ends the decoding
   */
  decodeInBands?(latents: Float32Array, shape: Extent, between: () => Promise<void>): Promise<Float32Array>;
  /** Builds what `decode` needs for this shape. */
  prepare(shape: Extent): Promise<void>;
  release(): Promise<void>;
}

/** A picture as the VAE sees it: a normal distribution for every latent element. */
export interface EncodedPicture {
  /** Each (4, H/8, W/8), not yet multiplied by the scaling factor. */
  readonly mean: Float32Array;
  readonly logvar: Float32Array;
}

export interface VaeEncoder {
  /**
   * @param picture (3, H, W) in −1 … 1
   * @param shape pixels, multiples of 8
   */
  encode(picture: Float32Array, shape: Extent): Promise<EncodedPicture>;
  /**
   * The same values with less memory, for large pictures. Absent where the network cannot be taken apart.
   * @param between called between two parts of the work; what it throws ends the encoding
   */
  encodeInBands?(picture: Float32Array, shape: Extent, between: () => Promise<void>): Promise<EncodedPicture>;
  release(): Promise<void>;
}

/** The networks whose weights may be changed for a picture. */
export interface AdaptableNetworks {
  readonly textEncoder: TextEncoder;
  readonly unet: UNet;
}

export interface Networks extends AdaptableNetworks {
  readonly vaeDecoder: VaeDecoder;
  readonly vaeEncoder: VaeEncoder;
  /**
   * The same networks with changed weights, beside these, which stay what they are. A network without deltas is the same object. Absent
   * where the weights cannot be changed.
   */
  adapt?(deltas: NetworkDeltas): AdaptableNetworks;
}

/** Changes of the weights, by layer name. */
export interface NetworkDeltas {
  readonly textEncoder: WeightDeltas;
  readonly unet: WeightDeltas;
}

export interface NetworkOptions {
  readonly threads: number;
  readonly memory: "fast" | "lean";
  /** Folder of the per-machine cache of prepared weights, or "off". */
  readonly modelCache: string;
  readonly seamless: BuildOptions["seamless"];
  /** Told a sentence when something works other than asked (no room for the cache). */
  readonly onNotice?: (text: string) => void;
}

const TOKENS = 77;
/** Pixels; any size needs the same weights. */
const CHECKED_SIZE = { height: 64, width: 64 };
/** Models below this many bytes keep sessions of several sizes and need no cache: they load in a moment. */
const SMALL_MODEL_BYTES = 256e6;

/**
 * The four networks of a model whose graphs we build. Nothing is loaded before it is used; weights are checked when a graph is built.
 * @throws DreamError weights/*
 */
export async function createNetworks(model: NetworkParts, options: NetworkOptions): Promise<Networks> {
  const small = model.parameterBytes < SMALL_MODEL_BYTES;
  const cache = options.modelCache === "off" || small ? undefined : await WeightCache.open(options.modelCache, model.files);
  const lean = options.memory === "lean";
  const build: BuildOptions = {
    convolutions: lean ? leanConvolutions : fastConvolutions,
    seamless: options.seamless,
    bandBytes: lean ? 12e6 : 24e6,
  };
  const network = (name: string, source: WeightSource) =>
    new ShapedNetwork({
      name,
      source,
      cache,
      threads: options.threads,
      releaseScratch: lean,
      capacity: small ? 6 : 1,
      onNotice: options.onNotice ?? (() => undefined),
    });
  const { textEncoder, unet, vae } = model;
  // The encoder is loaded when a picture is given; what is wrong with its weights is told now, like the others' faults.
  if ([...vae.weights.keys()].some(isEncoderKey)) buildVaeEncoder(vae.config, vae.weights, CHECKED_SIZE, build);
  const text = network("text_encoder", textEncoder.weights);
  const noise = network("unet", unet.weights);
  const plain = { textEncoder: createTextEncoder(model, text, build), unet: createUNet(model, noise, build) };
  const decoder = createVaeDecoder(model, network("vae_decoder", vae.weights), build);
  const encoder = createVaeEncoder(model, network("vae_encoder", vae.weights), build);
  return {
    ...plain,
    adapt: (deltas) => ({
      textEncoder:
        deltas.textEncoder.size === 0
          ? plain.textEncoder
          : createTextEncoder(model, text.changedBy(deltas.textEncoder), { ...build, deltas: deltas.textEncoder, lateProducts: true }),
      unet: deltas.unet.size === 0 ? plain.unet : createUNet(model, noise.changedBy(deltas.unet), { ...build, deltas: deltas.unet }),
    }),
    vaeDecoder: decoder,
    vaeEncoder: lean && !small ? inTurns(encoder, decoder) : encoder,
  };
}

function createTextEncoder(model: NetworkParts, network: ShapedNetwork, build: BuildOptions): TextEncoder {
  const { config, weights, skipLayers } = model.textEncoder;
  const table = TokenTable.find(config, weights);
  return {
    width: config.hiddenSize,
    async encode(ids, batch, clipSkip, mask) {
      const layers = config.layers - skipLayers - clipSkip;
      if (layers < 1) {
        const most = config.layers - skipLayers;
        throw new DreamError(
          "usage/line",
          `--clip_skip ${clipSkip + 1} is not possible: the text encoder of this model has ${most} layers`,
        );
      }
      const shape = { batch, tokens: TOKENS, layers };
      return network.run(JSON.stringify(shape), (source) => buildClipTextEncoder(config, source, shape, build), {
        embeddings: { data: await table.lookUp(ids), shape: [batch, TOKENS, config.hiddenSize] },
        attention_bias: { data: attentionBias(batch, TOKENS, mask), shape: [batch, 1, TOKENS, TOKENS] },
      });
    },
    addTokens: (vectors) => table.add(vectors),
    canHide: async () => true,
    release: () => network.release(),
  };
}

function createUNet(model: NetworkParts, network: ShapedNetwork, build: BuildOptions): UNet {
  const { config } = model.unet;
  const graphFor = ({ batch, height, width, tokens = TOKENS }: UNetExtent, swaps?: true) => {
    const shape = { batch, height, width, tokens, swaps };
    return [JSON.stringify(shape), (source: WeightSource) => buildUNet(config, source, shape, build)] as const;
  };
  const feeds = (sample: Float32Array, timestep: number, context: Float32Array, shape: UNetExtent) => {
    const { batch, height, width, tokens = TOKENS } = shape;
    return {
      sample: { data: sample, shape: [batch, config.inChannels, height, width] },
      timestep: { data: Float32Array.of(timestep), shape: [1] },
      context: { data: context, shape: [batch, tokens, config.crossAttentionDim] },
    };
  };
  return {
    predict(sample, timestep, context, shape) {
      return network.run(...graphFor(shape), feeds(sample, timestep, context, shape));
    },
    predictSwapped(sample, timestep, context, shape, maps) {
      return network.run(...graphFor(shape, true), { ...feeds(sample, timestep, context, shape), ...swapFeeds(maps, shape.batch) });
    },
    async prepare(shape) {
      await network.prepare(...graphFor(shape));
    },
    release: () => network.release(),
  };
}

function createVaeDecoder(model: NetworkParts, network: ShapedNetwork, build: BuildOptions): VaeDecoder {
  const { config } = model.vae;
  const graphFor = ({ height, width }: Extent) =>
    [`${height}x${width}`, (source: WeightSource) => buildVaeDecoder(config, source, { height, width }, build)] as const;
  return {
    decode(latents, shape) {
      return network.run(...graphFor(shape), { latents: { data: latents, shape: [1, config.latentChannels, shape.height, shape.width] } });
    },
    decodeInBands: (latents, shape, between) => new BandedDecoder(network, config, build).decode(latents, shape, between),
    async prepare(shape) {
      await network.prepare(...graphFor(shape));
    },
    release: () => network.release(),
  };
}

function createVaeEncoder(model: NetworkParts, network: ShapedNetwork, options: BuildOptions): VaeEncoder {
  const { config } = model.vae;
  return {
    async encode(picture, { height, width }) {
      const build = (source: WeightSource) => buildVaeEncoder(config, source, { height, width }, options);
      return distribution(
        await network.run(`${height}x${width}`, build, { pixels: { data: picture, shape: [1, config.inChannels, height, width] } }),
      );
    },
    encodeInBands: async (picture, shape, between) =>
      distribution(await new BandedEncoder(network, config, options).encode(picture, shape, between)),
    release: () => network.release(),
  };
}

/** Mean and log-variance out of what the encoder gives, the latter within diffusers' bounds. */
function distribution(moments: Float32Array): EncodedPicture {
  const half = moments.length / 2;
  return { mean: moments.slice(0, half), logvar: moments.slice(half).map((value) => Math.min(20, Math.max(-30, value))) };
}
