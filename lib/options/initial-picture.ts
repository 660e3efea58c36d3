import { type RegionSettings, resolveRegion } from "./painted-region.js";
import type { PictureSettings } from "./picture-settings.js";
import { type LaunchValues, type LineValues, USUAL_STRENGTH } from "./table.js";

/**
 * What a line says about the picture that it begins with: the one of `-I`, or the small one that `--hires_fix` makes; nothing without either.
 *
 * @param notices takes a sentence for every switch that changes nothing
 */
export function resolveInitialPicture(
  line: LineValues,
  launch: LaunchValues,
  notices: string[],
): Pick<PictureSettings, "initImg" | "fit" | "strength" | "hiresFix"> & RegionSettings {
  const { initImg, fit, hiresFix } = line;
  const strength = line.strength ?? launch.strength ?? USUAL_STRENGTH;
  if (hiresFix) {
    if (initImg) notices.push(">> --hires_fix begins with a picture of its own: the initial picture (-I) is left out");
    return { hiresFix, strength };
  }
  const region = resolveRegion(line, notices);
  if (initImg) return { initImg, fit: fit ?? launch.fit ?? false, strength, ...region };
  if (fit) notices.push(">> --fit changes nothing without an initial picture (-I)");
  if (line.strength !== undefined) notices.push(">> -f changes nothing without an initial picture (-I) or --hires_fix");
  return {};
}
