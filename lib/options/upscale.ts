import { DreamError } from "../errors.js";
import type { PictureSettings } from "./picture-settings.js";
import type { LineValues } from "./table.js";

/** Share of the sharper enlargement where nobody names one, as in the reference. */
export const USUAL_UPSCALE_STRENGTH = 0.75;

/**
 * What a line says about enlarging the finished picture; a factor of 1 asks for nothing.
 *
 * @param notices takes a sentence for a factor that is not used as it was given
 * @throws DreamError usage/strength
 */
export function resolveUpscale({ upscale }: LineValues, notices: string[]): Pick<PictureSettings, "upscale"> {
  const [asked, strength = USUAL_UPSCALE_STRENGTH] = upscale ?? [];
  if (asked === undefined) return {};
  if (!(strength >= 0 && strength <= 1)) {
    throw new DreamError("usage/strength", `-U ${asked} ${strength}: the strength is a number from 0 to 1`);
  }
  const factor = Math.trunc(asked);
  if (!(factor >= 1)) {
    notices.push(">> Real-ESRGAN: Invalid scaling option. Image not upscaled.");
    return {};
  }
  if (factor !== asked) notices.push(`>> -U takes whole factors: ${factor} instead of ${asked}`);
  return factor === 1 ? {} : { upscale: [factor, strength] };
}
