import { DreamError } from "../errors.js";
import type { ModelComponents } from "./model-components.js";
import { vaeScale } from "./open-diffusers.js";

/** Pictures are multiples of this many pixels, for every published Stable Diffusion. */
const STEP = 64;
const LONGEST_SIDE = 8192;

/**
 * Refuses a model whose configuration leads to sizes that no picture can have.
 * @throws DreamError model/config, model/unsupported
 */
export function checkPictureSizes(model: ModelComponents): void {
  const { width, height } = model.nativeSize;
  if (model.layout !== "onnx") {
    const step = vaeScale(model.vae.config) * 2 ** (model.unet.config.blockOutChannels.length - 1);
    if (STEP % step !== 0) {
      throw new DreamError("model/unsupported", `${model.origin} makes pictures in steps of ${step} pixels, which do not divide ${STEP}`);
    }
  }
  if ([width, height].some((side) => side % STEP !== 0 || side < STEP || side > LONGEST_SIDE)) {
    const size = `${width}×${height}`;
    throw new DreamError(
      "model/config",
      `${model.origin} says that its own size is ${size}, not multiples of ${STEP} up to ${LONGEST_SIDE}`,
    );
  }
}
