import type { WeightSource } from "../checkpoints/tensor.js";
import type { WeightsModel } from "../models/model-components.js";
import { GraphSession } from "../onnx/session.js";
import { attentionBias } from "./attention-bias.js";
import { buildVaeDecoder, buildVaeEncoder } from "./autoencoder-kl.js";
import { buildClipTextEncoder } from "./clip-text-encoder.js";
import { fastConvolutions, leanConvolutions } from "./convolution/policy.js";
import type { BuildOptions } from "./network-builder.js";
import { SessionPool } from "./session-pool.js";
import { TokenTable } from "./token-table.js";
import { buildUNet } from "./unet.js";
import type { WeightDeltas } from "./weight-reader.js";

/** The text encoder of a loaded model. */
export interface TextEncoder {
  /** Channels of a hidden state. */
  readonly width: number;
  /**
   * @param ids batch × 77 token ids
   * @param clipSkip layers left out at the end, beyond the model's own choice; 0 for none
   * @param mask batch × 77, 0 hides a token from all others
   * @returns (batch, 77, width), after the final layer norm
   */
  encode(ids: Int32Array, batch: number, clipSkip: number, mask?: Int32Array): Promise<Float32Array>;
  release(): Promise<void>;
}

/** The noise predictor of a loaded model. */
export interface UNet {
  /**
   * @param sample (B, inChannels, H, W)
   * @param context (B, 77, D)
   * @returns (B, 4, H, W): epsilon or v, as the model was trained
   */
  predict(
    sample: Float32Array,
    timestep: number,
    context: Float32Array,
    shape: { readonly batch: number; readonly height: number; readonly width: number },
  ): Promise<Float32Array>;
  release(): Promise<void>;
}

export interface VaeDecoder {
  /**
   * @param latents (4, H, W), already divided by the scaling factor
   * @returns (3, 8H, 8W), about −1 … 1
   */
  decode(latents: Float32Array, shape: { readonly height: number; readonly width: number }): Promise<Float32Array>;
  release(): Promise<void>;
}

export interface VaeEncoder {
  /**
   * @param picture (3, H, W) in −1 … 1
   * @param shape pixels, multiples of 8
   * @returns mean and log-variance, each (4, H/8, W/8), not yet multiplied by the scaling factor
   */
  encode(
    picture: Float32Array,
    shape: { readonly height: number; readonly width: number },
  ): Promise<{ mean: Float32Array; logvar: Float32Array }>;
  release(): Promise<void>;
}

export interface Networks {
  readonly textEncoder: TextEncoder;
  readonly unet: UNet;
  readonly vaeDecoder: VaeDecoder;
  readonly vaeEncoder: VaeEncoder;
}

export interface NetworkOptions {
  readonly threads: number;
  readonly memory: "fast" | "lean";
  /** Folder of the per-machine cache of prepared weights, or "off". */
  readonly modelCache: string;
  readonly seamless: BuildOptions["seamless"];
  /** Changes of the U-Net's and the text encoder's weights, by layer name. */
  readonly unetDeltas?: WeightDeltas;
  readonly textEncoderDeltas?: WeightDeltas;
}

const TOKENS = 77;
/** Networks below this many bytes keep sessions of several sizes. */
const SMALL_MODEL_BYTES = 256e6;

/**
 * The four networks of a model whose graphs we build. Nothing is loaded before it is used; weights are checked when a graph is built.
 * @throws DreamError weights/*
 */
export async function createNetworks(model: WeightsModel, options: NetworkOptions): Promise<Networks> {
  const factory = new SessionFactory(options);
  const capacity = model.parameterBytes < SMALL_MODEL_BYTES ? 6 : 1;
  return {
    textEncoder: await createTextEncoder(model, factory, options),
    unet: createUNet(model, factory, options, capacity),
    vaeDecoder: createVaeDecoder(model, factory, capacity),
    vaeEncoder: createVaeEncoder(model, factory, capacity),
  };
}

/** Build and session settings that all networks of a model share. */
class SessionFactory {
  readonly build: BuildOptions;

  constructor(private readonly options: NetworkOptions) {
    const lean = options.memory === "lean";
    this.build = {
      convolutions: lean ? leanConvolutions : fastConvolutions,
      seamless: options.seamless,
      bandBytes: lean ? 12e6 : 24e6,
    };
  }

  create(graph: Uint8Array, weights: WeightSource): Promise<GraphSession> {
    const { threads, memory } = this.options;
    return GraphSession.create(graph, { folder: weights.folder, threads, releaseScratch: memory === "lean" });
  }
}

async function createTextEncoder(model: WeightsModel, factory: SessionFactory, options: NetworkOptions): Promise<TextEncoder> {
  const { config, weights, skipLayers } = model.textEncoder;
  const table = await TokenTable.open(config, weights);
  const pool = new SessionPool(1);
  const build = { ...factory.build, deltas: options.textEncoderDeltas };
  return {
    width: config.hiddenSize,
    async encode(ids, batch, clipSkip, mask) {
      const layers = Math.max(1, config.layers - skipLayers - clipSkip);
      const session = await pool.get(`${batch}:${layers}`, () =>
        factory.create(buildClipTextEncoder(config, weights, { batch, tokens: TOKENS, layers }, build), weights),
      );
      return session.run({
        embeddings: { data: await table.lookUp(ids), shape: [batch, TOKENS, config.hiddenSize] },
        attention_bias: { data: attentionBias(batch, TOKENS, mask), shape: [batch, 1, TOKENS, TOKENS] },
      });
    },
    async release() {
      await pool.release();
      await table.close();
    },
  };
}

function createUNet(model: WeightsModel, factory: SessionFactory, options: NetworkOptions, capacity: number): UNet {
  const { config, weights } = model.unet;
  const pool = new SessionPool(capacity);
  const build = { ...factory.build, deltas: options.unetDeltas };
  return {
    async predict(sample, timestep, context, { batch, height, width }) {
      const session = await pool.get(`${batch}:${height}:${width}`, () =>
        factory.create(buildUNet(config, weights, { batch, height, width, tokens: TOKENS }, build), weights),
      );
      return session.run({
        sample: { data: sample, shape: [batch, config.inChannels, height, width] },
        timestep: { data: Float32Array.of(timestep), shape: [1] },
        context: { data: context, shape: [batch, TOKENS, config.crossAttentionDim] },
      });
    },
    release: () => pool.release(),
  };
}

function createVaeDecoder(model: WeightsModel, factory: SessionFactory, capacity: number): VaeDecoder {
  const { config, weights } = model.vae;
  const pool = new SessionPool(capacity);
  return {
    async decode(latents, { height, width }) {
      const session = await pool.get(`${height}:${width}`, () =>
        factory.create(buildVaeDecoder(config, weights, { height, width }, factory.build), weights),
      );
      return session.run({ latents: { data: latents, shape: [1, config.latentChannels, height, width] } });
    },
    release: () => pool.release(),
  };
}

function createVaeEncoder(model: WeightsModel, factory: SessionFactory, capacity: number): VaeEncoder {
  const { config, weights } = model.vae;
  const pool = new SessionPool(capacity);
  return {
    async encode(picture, { height, width }) {
      const session = await pool.get(`${height}:${width}`, () =>
        factory.create(buildVaeEncoder(config, weights, { height, width }, factory.build), weights),
      );
      const moments = await session.run({ pixels: { data: picture, shape: [1, config.inChannels, height, width] } });
      const half = moments.length / 2;
      return { mean: moments.slice(0, half), logvar: moments.slice(half).map((value) => Math.min(20, Math.max(-30, value))) };
    },
    release: () => pool.release(),
  };
}
