import type { SwappedConditioning } from "../conditioning/encode-prompt.js";
import type { UNet } from "../networks/network-sessions.js";
import type { SwappedMaps } from "../networks/swap-feeds.js";
import type { Predict } from "../samplers/denoiser.js";
import { type Guidance, guidedPredictor, predictor, type UNetShape } from "./guidance.js";

/** Guidance that may swap words. */
export interface SwapGuidance extends Guidance {
  readonly swap?: SwappedConditioning;
}

/** What a predictor is told beside the prompt. */
export interface PassSettings {
  /** For an inpainting U-Net, as `guidedPredictor` takes it. */
  readonly beside?: Float32Array;
  /** Share of this pass' steps that are done, 0 … 1. */
  readonly progress: () => number;
}

/**
 * Guidance by the original prompt; while the swap's window is open by the edited one, with the original's attention maps (Hertz and others,
 * arXiv 2208.01626, as InvokeAI 2.2 has it: original and edited pass see the same latents).
 *
 * A U-Net whose attention cannot be controlled draws the edited prompt in the window, without maps.
 */
export function swappingPredictor(unet: UNet, guidance: SwapGuidance, shape: UNetShape, { beside, progress }: PassSettings): Predict {
  const outside = guidedPredictor(unet, guidance, shape, beside);
  const { swap } = guidance;
  if (swap === undefined) return outside;
  const { window, sources } = swap;
  let maps: SwappedMaps = { self: false, tokens: sources };
  const inside = editedPredictor(unet, { ...guidance, swap }, shape, beside, () => maps);
  const own = new Int32Array(sources.length).fill(-1);
  return (modelInput, timestep) => {
    const share = progress();
    const self = window.sStart <= share && share < window.sEnd;
    const tokens = window.tStart <= share && share < window.tEnd;
    if (!self && !tokens) return outside(modelInput, timestep);
    maps = { self, tokens: tokens ? sources : own };
    return inside(modelInput, timestep);
  };
}

function editedPredictor(
  unet: UNet,
  guidance: SwapGuidance & { readonly swap: SwappedConditioning },
  shape: UNetShape,
  beside: Float32Array | undefined,
  maps: () => SwappedMaps,
): Predict {
  const { positive, negative, scale, tokens, swap } = guidance;
  const controlled = unet.predictSwapped?.bind(unet);
  if (controlled === undefined) return guidedPredictor(unet, { ...guidance, positive: swap.edited }, shape, beside);
  const passes = scale === 1 ? [positive, swap.edited] : [negative, positive, swap.edited];
  return predictor(
    (sample, timestep, context, extent) => controlled(sample, timestep, context, { ...extent, tokens }, maps()),
    passes,
    scale,
    shape,
    beside,
  );
}
