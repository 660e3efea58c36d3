import { DreamError } from "../../errors.js";
import { checkAvailable } from "../../options/available.js";
import { checkValues } from "../../options/check-values.js";
import { type FaceSettings, resolveFaces } from "../../options/faces.js";
import type { ParsedLine } from "../../options/read.js";
import { type LineValues, switchesAt } from "../../options/table.js";
import { USUAL_UPSCALE_STRENGTH } from "../../options/upscale.js";

/** What `!fix` is to do with the pixels that there are. */
export interface FixPlan {
  /** Factor of both sides, from 2, and share of the sharper enlargement, 0 … 1. */
  readonly upscale?: readonly [factor: number, strength: number];
  readonly faces?: FaceSettings;
  /** What of the line changes nothing. */
  readonly notices: readonly string[];
}

/** Read by `!fix`, or part of every recorded `!fix` line: the values with which the picture was once drawn. */
const EXPECTED: ReadonlySet<keyof LineValues> = new Set([
  ...(["upscale", "facetoolStrength", "facetool", "codeformerFidelity", "saveOriginal", "seed", "outdir", "pngCompression"] as const),
  ...(["prompt", "steps", "width", "height", "cfgScale", "sampler", "initImg", "fit", "strength"] as const),
]);

/**
 * Decides what a `!fix` line asks for.
 *
 * @throws DreamError usage/line, usage/not-available
 */
export function planFix(line: ParsedLine): FixPlan {
  checkAvailable(line, "fix");
  checkValues(line);
  const faces = resolveFaces(line);
  const notices: string[] = [];
  const upscale = line.upscale === undefined ? undefined : readUpscale(line.upscale, notices);
  if (upscale === undefined && faces === undefined) {
    throw new DreamError("usage/line", "please provide at least one postprocessing option, such as -G or -U");
  }
  return { upscale, faces, notices: [...notices, ...withoutEffect(line)] };
}

function readUpscale([asked = 0, strength = USUAL_UPSCALE_STRENGTH]: readonly number[], notices: string[]): FixPlan["upscale"] {
  const factor = Math.trunc(asked);
  if (!(factor >= 1)) throw new DreamError("usage/line", `-U ${asked}: Invalid scaling option. Image not upscaled; give 2 or more`);
  if (factor === 1) throw new DreamError("usage/line", `-U ${asked} leaves the size as it is. Image not upscaled; give 2 or more`);
  if (factor !== asked) notices.push(`-U takes whole factors: ${factor} instead of ${asked}`);
  return [factor, strength];
}

/** A sentence about the switches that `!fix` does not read. @param read those that it reads beyond the usual ones */
export function withoutEffect(line: ParsedLine, read: readonly (keyof LineValues)[] = []): string[] {
  const given = new Set(Object.entries(line).flatMap(([key, value]) => (value === undefined ? [] : [key])));
  const rows = switchesAt("line").filter(
    ({ key }) => given.has(key) && !EXPECTED.has(key as keyof LineValues) && !read.includes(key as keyof LineValues),
  );
  return rows.length === 0 ? [] : [`!fix changes a finished picture: ${rows.map(({ names }) => names[0]).join(", ")} changes nothing here`];
}
