import type { ModelComponents } from "../models/model-components.js";
import { buildVaeDecoder } from "../networks/autoencoder-kl.js";
import { buildClipTextEncoder } from "../networks/clip-text-encoder.js";
import { leanConvolutions } from "../networks/convolution/policy.js";
import type { BuildOptions } from "../networks/network-builder.js";
import { buildUNet } from "../networks/unet.js";

/** Any size needs the same weights. */
const LATENT = { height: 8, width: 8 };
const TOKENS = 77;
const BUILD: BuildOptions = { convolutions: leanConvolutions, seamless: "", bandBytes: 12e6 };

/**
 * Describes every network once and throws the description away: a file with missing, surplus or misshapen weights is refused while the
 * present model still stands. Reads no weights. Exported graphs are checked by the runtime when it opens them.
 * @throws DreamError weights/*
 */
export function checkWeights(model: ModelComponents): void {
  if (model.layout === "onnx") return;
  const { textEncoder, unet, vae } = model;
  const layers = Math.max(1, textEncoder.config.layers - textEncoder.skipLayers);
  buildClipTextEncoder(textEncoder.config, textEncoder.weights, { batch: 1, tokens: TOKENS, layers }, BUILD);
  buildUNet(unet.config, unet.weights, { batch: 1, tokens: TOKENS, ...LATENT }, BUILD);
  buildVaeDecoder(vae.config, vae.weights, LATENT, BUILD);
}
