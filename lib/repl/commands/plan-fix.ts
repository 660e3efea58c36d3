import { DreamError } from "../../errors.js";
import { checkAvailable } from "../../options/available.js";
import { checkValues } from "../../options/check-values.js";
import type { ParsedLine } from "../../options/read.js";
import { type LineValues, switchesAt } from "../../options/table.js";
import { USUAL_UPSCALE_STRENGTH } from "../../options/upscale.js";

/** What `!fix` is to do. */
export interface FixPlan {
  /** Of both sides, from 2. */
  readonly factor: number;
  /** Share of the sharper enlargement, 0 … 1. */
  readonly strength: number;
  /** What of the line cannot be done, one sentence each without a final stop; the rest is. */
  readonly problems: readonly string[];
  /** What of the line changes nothing. */
  readonly notices: readonly string[];
}

/** Read by `!fix`, or part of every recorded `!fix` line: the values with which the picture was once drawn. */
const EXPECTED: ReadonlySet<keyof LineValues> = new Set([
  ...(["upscale", "facetoolStrength", "facetool", "codeformerFidelity", "saveOriginal", "seed", "outdir", "pngCompression"] as const),
  ...(["prompt", "steps", "width", "height", "cfgScale", "sampler", "initImg", "fit", "strength"] as const),
]);

/**
 * Decides what a `!fix` line asks for. There is no face model: `-G` is refused, but what else the line asks for is done.
 *
 * @throws DreamError usage/line, usage/not-available
 */
export function planFix(line: ParsedLine): FixPlan {
  checkAvailable(line, "fix");
  checkValues(line);
  const missing = missingFaceTool(line);
  if (line.upscale === undefined) {
    if (missing !== undefined) throw new DreamError("usage/not-available", missing);
    throw new DreamError("usage/line", "please provide at least one postprocessing option, such as -G or -U");
  }
  const [asked = 0, strength = USUAL_UPSCALE_STRENGTH] = line.upscale;
  const factor = Math.trunc(asked);
  if (!(factor >= 1)) throw new DreamError("usage/line", `-U ${asked}: Invalid scaling option. Image not upscaled; give 2 or more`);
  if (factor === 1) throw new DreamError("usage/line", `-U ${asked} leaves the size as it is. Image not upscaled; give 2 or more`);
  const rounded = factor === asked ? [] : [`-U takes whole factors: ${factor} instead of ${asked}`];
  return { factor, strength, problems: missing === undefined ? [] : [missing], notices: [...rounded, ...withoutEffect(line)] };
}

const FACE_TOOLS: Readonly<Record<string, string>> = { gfpgan: "GFPGAN", codeformer: "CodeFormer" };

function missingFaceTool({ facetoolStrength = 0, facetool = "gfpgan" }: ParsedLine): string | undefined {
  if (facetoolStrength === 0) return undefined;
  const tool = Object.hasOwn(FACE_TOOLS, facetool) ? FACE_TOOLS[facetool] : undefined;
  if (tool === undefined) throw new DreamError("usage/line", `-ft is gfpgan or codeformer, not ${JSON.stringify(facetool.slice(0, 100))}`);
  return `${tool} not found. Face restoration is disabled: no face model is installed, and none can be yet; leave out -G`;
}

/** A sentence about the switches that `!fix` does not read. @param read those that it reads beyond the usual ones */
export function withoutEffect(line: ParsedLine, read: readonly (keyof LineValues)[] = []): string[] {
  const given = new Set(Object.entries(line).flatMap(([key, value]) => (value === undefined ? [] : [key])));
  const rows = switchesAt("line").filter(
    ({ key }) => given.has(key) && !EXPECTED.has(key as keyof LineValues) && !read.includes(key as keyof LineValues),
  );
  return rows.length === 0 ? [] : [`!fix changes a finished picture: ${rows.map(({ names }) => names[0]).join(", ")} changes nothing here`];
}
