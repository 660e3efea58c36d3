import type { PictureSettings } from "./picture-settings.js";
import { type LaunchValues, type LineValues, USUAL_STRENGTH } from "./table.js";

/**
 * What a line says about the picture that it begins with; nothing without `-I`.
 *
 * @param notices takes a sentence for every switch that changes nothing
 */
export function resolveInitialPicture(
  line: LineValues,
  launch: LaunchValues,
  notices: string[],
): Pick<PictureSettings, "initImg" | "fit" | "strength"> {
  const { initImg, fit, strength } = line;
  if (initImg) return { initImg, fit: fit ?? launch.fit ?? false, strength: strength ?? launch.strength ?? USUAL_STRENGTH };
  if (fit) notices.push(">> --fit changes nothing without an initial picture (-I)");
  if (strength !== undefined) notices.push(">> -f changes nothing without an initial picture (-I)");
  return {};
}
