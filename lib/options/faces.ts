import { DreamError } from "../errors.js";
import { FACE_TOOLS } from "../models/face-tools.js";
import type { PictureSettings } from "./picture-settings.js";
import { type LineValues, SWITCHES, type Switch } from "./table.js";

/** How the faces of a picture are restored, by the keys of the table. */
export type FaceSettings = Required<Pick<PictureSettings, "facetoolStrength" | "facetool">> & Pick<PictureSettings, "codeformerFidelity">;

/**
 * What a line says about faces; a strength of 0 asks for nothing.
 *
 * @throws DreamError usage/line for a tool that there is not
 */
export function resolveFaces({ facetoolStrength = 0, facetool = "gfpgan", codeformerFidelity }: LineValues): FaceSettings | undefined {
  if (facetoolStrength === 0) return undefined;
  const tool = FACE_TOOLS.find((name) => name === facetool);
  if (tool === undefined) {
    throw new DreamError("usage/line", `-ft is gfpgan or codeformer, not ${JSON.stringify(facetool.slice(0, 100))}`);
  }
  if (tool === "gfpgan") return { facetoolStrength, facetool: tool };
  return { facetoolStrength, facetool: tool, codeformerFidelity: codeformerFidelity ?? usualFidelity() };
}

/** The part of a picture's settings that is about faces; undefined where it asks for nothing. */
export function facesOf({ facetoolStrength, facetool, codeformerFidelity }: Partial<FaceSettings>): FaceSettings | undefined {
  return facetoolStrength === undefined || facetool === undefined ? undefined : { facetoolStrength, facetool, codeformerFidelity };
}

function usualFidelity(): number {
  const rows: readonly Switch[] = SWITCHES;
  return rows.find(({ key }) => key === "codeformerFidelity")?.fallback as number;
}
