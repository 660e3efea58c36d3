import type { PictureSettings } from "./picture-settings.js";
import type { LineValues } from "./table.js";

/** What a line says about its starting noise and about the latents between the steps; 0 says nothing. */
export function resolveNoiseAndSteps(
  line: LineValues,
): Pick<PictureSettings, "perlin" | "threshold" | "hSymmetryTimePct" | "vSymmetryTimePct"> {
  return {
    perlin: line.perlin || undefined,
    threshold: line.threshold || undefined,
    hSymmetryTimePct: line.hSymmetryTimePct || undefined,
    vSymmetryTimePct: line.vSymmetryTimePct || undefined,
  };
}
